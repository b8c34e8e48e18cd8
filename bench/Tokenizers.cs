using System.Diagnostics;
using System.Text.Json;
using DataPrep.Text;
using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace Bench;

/// <summary>
/// Tokenizing on one core against Hugging Face tokenizers, both over the same texts in the same batches, turn by turn, with a vocabulary trained here. Before that the gate: equal ids
/// for every text. Ours starts each turn with a new tokenizer whose caches are empty; the peer keeps its own.
/// </summary>
static class Tokenizers
{
    const int Batch = 256;

    /// <summary>What row 3 of the performance reference hopes for.</summary>
    const double Moonshot = 60;

    public static Task WordPieceAsync(Arguments arguments) => Run(
        arguments,
        "wordpiece",
        (texts, folder, size) => WordPieceFiles.Save(WordPieceTrainer.Train(texts, new WordPieceTrainerOptions { VocabularySize = size }, Environment.ProcessorCount), folder),
        WordPieceFiles.Load);

    public static Task UnigramAsync(Arguments arguments) => Run(
        arguments,
        "unigram",
        (texts, folder, size) => UnigramFiles.Save(UnigramTrainer.Train(texts, new UnigramTrainerOptions { VocabularySize = size }, Environment.ProcessorCount), folder),
        UnigramFiles.Load);

    public static Task BpeAsync(Arguments arguments) => Run(
        arguments,
        "bpe",
        (texts, folder, size) => BpeFiles.Save(BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = size }, Environment.ProcessorCount), folder),
        TokenizerFiles.Load);

    static Task Run(Arguments arguments, string name, Action<IReadOnlyList<string>, string, int> train, Func<string, ITokenizer> load)
    {
        var (rounds, step, size) = (arguments.Number("rounds", 5), arguments.Number("step", 1), arguments.Number("size", 30_000));
        var texts = TokenizersTexts.Read(arguments.Text("data", "../shared/data"), step);
        var folder = Path.Combine(arguments.Text("home", Path.GetTempPath()), $"bench-tokenizers-{name}-{size}-{step}");
        var textsFile = Path.Combine(folder, $"texts-{Environment.ProcessId}.jsonl");
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            Directory.CreateDirectory(folder);
            train(texts.All, folder, size);
        }

        File.WriteAllLines(textsFile, texts.All.Select(text => JsonSerializer.Serialize(text)));
        using var peer = new TokenizersPeer(Path.Combine(folder, "tokenizer.json"), textsFile, Batch);
        File.Delete(textsFile);
        var tokens = Gate(peer, Path.Combine(folder, $"ids-{Environment.ProcessId}"), load(folder), texts.All);
        Console.WriteLine($"  gate: ids of {texts.All.Count:N0} texts equal, {tokens.Sum():N0} tokens; vocabulary of {load(folder).VocabularySize:N0}");
        Turn(texts.All, .., load(folder));

        var results = texts.Corpora.Select(_ => new List<(double Ours, double OursWall, double Peer, double PeerWall)>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var tokenizer = load(folder);
            GC.Collect();
            foreach (var ((_, range, _), times) in texts.Corpora.Zip(results))
            {
                var ours = Turn(texts.All, range, tokenizer);
                var theirs = peer.Time(range, readIds: false);
                times.Add((ours.Cpu, ours.Wall, theirs.Cpu, theirs.Wall));
            }
        }

        foreach (var ((corpus, range, bytes), times) in texts.Corpora.Zip(results))
        {
            Report(corpus, bytes, tokens[range].Sum(), times);
        }

        var sums = Enumerable.Range(0, rounds).Select(r => (results.Sum(t => t[r].Ours), results.Sum(t => t[r].OursWall), results.Sum(t => t[r].Peer), results.Sum(t => t[r].PeerWall))).ToList();
        var ratio = Report("all", texts.Corpora.Sum(c => c.Bytes), tokens.Sum(), sums);
        var withIds = peer.Time(..texts.All.Count, readIds: true);
        Console.WriteLine($"  the peer with its ids read out, as ours always are: {withIds.Cpu:N2} s of processor, {withIds.Cpu / new Sample(sums.Select(s => s.Item1)).Median:N1} times ours");
        Console.WriteLine($"  {ratio / Moonshot:P0} of the {Moonshot} times hoped for");
        return Task.CompletedTask;
    }

    // Number of ids of each text.
    static int[] Gate(TokenizersPeer peer, string file, ITokenizer tokenizer, IReadOnlyList<string> texts)
    {
        var counts = new List<int>(texts.Count);
        foreach (var expected in peer.Ids(file))
        {
            if (!tokenizer.Encode(texts[counts.Count]).AsSpan().SequenceEqual(expected))
            {
                throw new InvalidOperationException($"text {counts.Count} has other ids than the peer's: {texts[counts.Count]}");
            }

            counts.Add(expected.Length);
        }

        File.Delete(file);
        return counts.Count == texts.Count ? [.. counts] : throw new InvalidOperationException($"ids of {counts.Count} texts, {texts.Count} expected");
    }

    static (double Wall, double Cpu) Turn(IReadOnlyList<string> texts, Range range, ITokenizer tokenizer)
    {
        var (from, count) = range.GetOffsetAndLength(texts.Count);
        var batches = Enumerable.Range(from, count).Select(i => texts[i]).Chunk(Batch).ToArray();
        var (start, spent) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        foreach (var batch in batches)
        {
            tokenizer.EncodeAll(batch);
        }

        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - spent).TotalSeconds);
    }

    static double Report(string name, long bytes, long tokens, IReadOnlyList<(double Ours, double OursWall, double Peer, double PeerWall)> times)
    {
        string Rate(Func<(double Ours, double OursWall, double Peer, double PeerWall), double> seconds)
        {
            var median = new Sample(times.Select(seconds)).Median;
            return $"{bytes / 1e6 / median:N1} MB/s, {tokens / 1e6 / median:N2} Mtok/s";
        }

        var ratio = new Sample(times.Select(t => t.Peer / t.Ours));
        Console.WriteLine($"  {name} ({bytes / 1e6:N1} MB): {ratio.Text("times", "N1")}; on the clock {new Sample(times.Select(t => t.PeerWall / t.OursWall)).Text("times", "N1")}");
        Console.WriteLine($"    ours {Rate(t => t.Ours)} of processor ({Rate(t => t.OursWall)} on the clock); peer {Rate(t => t.Peer)} ({Rate(t => t.PeerWall)})");
        return ratio.Median;
    }
}
