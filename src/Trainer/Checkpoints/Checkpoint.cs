using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>
/// Everything a training needs to go on as if it had never stopped, in one <see cref="DurableFolder"/>: <c>state.json</c>, <c>weights.safetensors</c>,
/// <c>optimizer.safetensors</c> (AdamW's running means m/NAME and v/NAME and its count of updates t/NAME, by name of the parameter), <c>parts.safetensors</c> (PART/NAME, see
/// <see cref="ICheckpointed"/>), and the series so far. This is format 2; format 1 is passed over with a message.
/// </summary>
public static class Checkpoint
{
    internal const string StateFile = "state.json";
    internal const string WeightsFile = "weights.safetensors";
    internal const string OptimizerFile = "optimizer.safetensors";
    internal const string PartsFile = "parts.safetensors";

    /// <summary>Writes a checkpoint while the training waits; <see cref="CheckpointWriter"/> writes it beside the training.</summary>
    /// <param name="folder">Where it appears, whole.</param>
    /// <param name="state">Where the training stands; states of generators and parts are added.</param>
    /// <param name="contents">Weights, optimizer and parts.</param>
    /// <param name="log">Series so far.</param>
    public static void Write(string folder, TrainState state, CheckpointContents contents, TrainingLog log) =>
        new CheckpointSnapshot(state, contents, log, buffers: null).Write(folder);

    /// <summary>As <see cref="Write(string, TrainState, CheckpointContents, TrainingLog)"/>, for an encoder and its optimizer.</summary>
    public static void Write(string folder, TrainState state, IEncoder encoder, AdamW optimizer, Device device, TrainingLog log) =>
        Write(folder, state, CheckpointContents.Of(encoder, optimizer, device), log);

    /// <summary>
    /// Restores the first checkpoint of a list that is sound: listed digests hold, the fingerprint is this training's, every tensor has its shape, every part takes its state.
    /// Nothing is changed by one that is not.
    /// </summary>
    /// <param name="candidates">Checkpoints, newest first.</param>
    /// <param name="fingerprint">This training's fingerprint.</param>
    /// <param name="contents">What gets the state, for a training that stands where the checkpoint says: groups and frozen parameters may depend on it.</param>
    /// <param name="say">Told which checkpoint was taken, and why others were not.</param>
    /// <returns>State and series; null where no checkpoint is sound.</returns>
    public static (TrainState State, TrainingLog Log)? Restore(
        IEnumerable<FileSet> candidates, string fingerprint, Func<TrainState, CheckpointContents> contents, Action<string> say)
    {
        foreach (var files in candidates)
        {
            try
            {
                if (DurableFolder.Fault(files.Paths) is { } fault)
                {
                    throw new TrainerException(fault);
                }

                var state = TrainState.Read(files[StateFile]);
                if (state.Format != TrainState.CurrentFormat)
                {
                    throw new TrainerException($"it has format {state.Format}, this version reads format {TrainState.CurrentFormat}: finish that training with the version that began it, or let it begin anew");
                }

                if (state.Fingerprint != fingerprint)
                {
                    throw new TrainerException("it belongs to a training with other options, data, seed or initial model");
                }

                var log = TrainingLog.Read(files);
                Load(files, state, contents(state));
                say($"Resumed from the checkpoint of step {state.Step} ({files.Label}).");
                return (state, log);
            }
            catch (Exception error) when (error is TrainerException or JsonException or IOException or FormatException or UnauthorizedAccessException)
            {
                say($"Passed over checkpoint {files.Label}: {error.Message}");
            }
        }

        return null;
    }

    /// <summary>As <see cref="Restore(IEnumerable{FileSet}, string, Func{TrainState, CheckpointContents}, Action{string})"/>, for an encoder and its optimizer.</summary>
    public static (TrainState State, TrainingLog Log)? Restore(
        IEnumerable<FileSet> candidates, string fingerprint, IEncoder encoder, AdamW optimizer, Device device, Action<string> say) =>
        Restore(candidates, fingerprint, _ => CheckpointContents.Of(encoder, optimizer, device), say);

    /// <summary>Checkpoints in a folder, newest first.</summary>
    public static IReadOnlyList<FileSet> Find(string scratch) => Directory.Exists(scratch)
        ? Directory.GetDirectories(scratch, "checkpoint-????????").OrderDescending(StringComparer.Ordinal).Select(FileSet.FromFolder).ToList()
        : [];

    /// <summary>Deletes the checkpoints of a folder but the last two and the best.</summary>
    public static void Prune(string scratch, int bestStep)
    {
        foreach (var old in Find(scratch).Skip(2).Select(f => f.Label).Where(f => !f.EndsWith($"-{bestStep:D8}", StringComparison.Ordinal)))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    static void Load(FileSet files, TrainState state, CheckpointContents contents)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var weights = new SafetensorsReader(files[WeightsFile]);
        using var moments = new SafetensorsReader(files[OptimizerFile]);
        var loads = new List<(Tensor Target, float[] Values)>();
        loads.AddRange(contents.Parameters.Select(p => ((Tensor)p.Value, weights.Floats(p.Name, p.Value.shape))));
        var steps = new List<(AdamW.State Moment, long Step)>();
        foreach (var (name, moment) in contents.Moments())
        {
            loads.Add((moment.exp_avg, moments.Floats("m/" + name, moment.exp_avg.shape)));
            loads.Add((moment.exp_avg_sq, moments.Floats("v/" + name, moment.exp_avg_sq.shape)));
            steps.Add((moment, moments.Number("t/" + name)));
        }

        using var generators = new GeneratorRestore(state, contents.Device);
        RestoreParts(files, state, contents.Parts);
        foreach (var (target, values) in loads)
        {
            target.copy_(tensor(values, target.shape));
        }

        foreach (var (moment, step) in steps)
        {
            moment.step = step;
        }

        generators.Keep();
    }

    // A part that refuses its state must not leave the others with theirs: they go back to what they had.
    static void RestoreParts(FileSet files, TrainState state, IReadOnlyList<ICheckpointed> parts)
    {
        var held = state.Parts ?? new Dictionary<string, JsonNode?>();
        if (parts.FirstOrDefault(p => !held.ContainsKey(p.Name)) is { } absent)
        {
            throw new TrainerException($"it holds no state of '{absent.Name}'");
        }

        var tensors = files.Has(PartsFile) ? ReadAll(files[PartsFile]) : [];
        var before = parts.Select(p => (Part: p, State: p.State(), Tensors: p.Tensors().Select(t => t with { Data = t.Data.ToArray() }).ToDictionary(t => t.Name, StringComparer.Ordinal))).ToList();
        for (var k = 0; k < parts.Count; k++)
        {
            var (part, prefix) = (parts[k], parts[k].Name + "/");
            try
            {
                part.Restore(held[part.Name], tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(t => t with { Name = t.Name[prefix.Length..] }).ToDictionary(t => t.Name, StringComparer.Ordinal));
            }
            catch (Exception error) when (error is TrainerException or InvalidOperationException or KeyNotFoundException or ArgumentException or NullReferenceException or FormatException or JsonException)
            {
                foreach (var (touched, own, values) in before.Take(k + 1))
                {
                    touched.Restore(own, values);
                }

                throw new TrainerException($"the state of '{part.Name}' does not fit: {error.Message}", error);
            }
        }
    }

    static List<SafetensorsTensor> ReadAll(string path)
    {
        using var reader = new SafetensorsReader(path);
        return [.. reader.Entries.Select(reader.Tensor)];
    }
}
