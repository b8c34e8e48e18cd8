using System.Security.Cryptography;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using static TorchSharp.torch;

namespace Trainer.Training.Distributed;

/// <summary>What all ranks must have alike.</summary>
public static class Agreement
{
    /// <summary>Requires a digest to be the same on all ranks.</summary>
    /// <param name="context">The ranks.</param>
    /// <param name="digest">This rank's.</param>
    /// <param name="of">What it is of: "the training's options and data".</param>
    /// <param name="advice">What to do where it is not.</param>
    /// <exception cref="TrainerException">It differs, on all ranks alike: the message names them.</exception>
    public static void Require(this DistributedContext context, byte[] digest, string of, string advice)
    {
        var all = context.FromAll(digest, $"the digest of {of}");
        var others = Enumerable.Range(0, all.Count).Where(r => !all[r].AsSpan().SequenceEqual(all[0])).ToList();
        if (others.Count > 0)
        {
            throw new TrainerException(
                $"Ranks differ in {of}: rank 0 has {Short(all[0])}, {string.Join(", ", others.Select(r => $"rank {r} {Short(all[r])}"))}. {advice}");
        }

        static string Short(byte[] value) => value.Length == 0 ? "none" : Convert.ToHexStringLower(value.AsSpan(0, Math.Min(6, value.Length)));
    }

    /// <summary>Requires the weights to be the same on all ranks, to the bit: at the start, after a resume, or now and then, for ranks that drift apart train no common model.</summary>
    /// <exception cref="TrainerException">They differ.</exception>
    public static void RequireEqualWeights(this DistributedContext context, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        if (!context.IsShared)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, value) in parameters)
        {
            hash.AppendData(value.cpu().contiguous().bytes);
        }

        context.Require(hash.GetHashAndReset(), "their weights", "All start from the same model, options, seed, threads and libtorch; check those of each host.");
    }

    /// <summary>
    /// Goes on from one checkpoint on all ranks. Rank 0 takes the first that is sound; the others take the one with the same bytes, and none where rank 0 takes none: a checkpoint that only some of them see, or
    /// a later one that reached one host alone, cannot part them.
    /// </summary>
    /// <typeparam name="T">What a restored checkpoint gives.</typeparam>
    /// <param name="context">The ranks.</param>
    /// <param name="candidates">Checkpoints that this rank sees, newest first.</param>
    /// <param name="restore">Restores one; null where it is not sound.</param>
    /// <returns>What was restored; null where training starts from the beginning.</returns>
    /// <exception cref="TrainerException">This rank does not see rank 0's checkpoint, or cannot read it.</exception>
    public static T? Restore<T>(this DistributedContext context, IEnumerable<FileSet> candidates, Func<FileSet, T?> restore)
        where T : struct
    {
        T? restored = null;
        FileSet? chosen = null;
        if (context.IsFirst)
        {
            foreach (var files in candidates)
            {
                if (restore(files) is { } result)
                {
                    (restored, chosen) = (result, files);
                    break;
                }
            }
        }

        var digest = context.FromFirst(chosen is null ? [] : Digest(chosen), "the digest of the checkpoint");
        if (context.IsFirst || digest.Length == 0)
        {
            return restored;
        }

        var same = candidates.FirstOrDefault(f => f.Has(DurableFolder.DigestFile) && Digest(f).AsSpan().SequenceEqual(digest));
        return same is null
            ? throw new TrainerException(
                $"Rank {context.Rank} does not see the checkpoint that rank 0 goes on from (digest {Convert.ToHexStringLower(digest.AsSpan(0, 6))}). Put checkpoints on a folder that all hosts share, or copy that one to each.")
            : restore(same) ?? throw new TrainerException($"Rank {context.Rank} cannot read the checkpoint {same.Label}, which rank 0 goes on from. Check the folder that the hosts share, or remove the checkpoint on all.");
    }

    static byte[] Digest(FileSet files) => SHA256.HashData(File.ReadAllBytes(files[DurableFolder.DigestFile]));
}
