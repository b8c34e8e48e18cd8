using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Bench;

/// <summary>
/// MiniLM-L6's shape, this encoder against the same in python3-torch with the same weights and ids, both in bf16 unless told otherwise. The peer pads each batch of 32 to its
/// longest text, as its field does. First the peer must equal the golden hidden states, and the losses each other's; then both work in turn, step by step.
/// </summary>
static class Encoders
{
    const int Batch = 32;

    public static Task TrainAsync(Arguments arguments) => Run(arguments, (corpus, ours, peer, a) => Train(corpus, ours, peer, a));

    public static Task EncodeAsync(Arguments arguments) => Run(arguments, (corpus, ours, peer, a) => Encode(corpus, ours, peer, a));

    static Task Run(Arguments arguments, Action<EncoderCorpus, EncoderSide, EncoderPeer, Arguments> measure)
    {
        var (threads, length) = (arguments.Number("threads", 2), arguments.Number("length", 128));
        var data = arguments.Text("data", Path.Combine("..", "shared", "data"));
        torch.set_num_threads(threads);
        using var peer = new EncoderPeer(threads);
        var golden = Path.Combine(data, "..", "golden");
        var difference = peer.Ask(new JsonObject { ["do"] = "golden", ["model"] = Path.Combine(golden, "bert-mini"), ["layers"] = Path.Combine(golden, "bert-mini.layers.json") })
            .GetProperty("difference").GetDouble();
        Require(difference <= 1e-5, $"the peer's hidden states differ from the golden ones by {difference:G3}");
        Console.WriteLine($"  peer equals the golden hidden states within {difference:G3}; {threads} threads, {TorchRuntime.BlasLibrary}; {Probe()}");

        using var home = new Scratch();
        foreach (var name in arguments.Text("corpora", "msdocs-vba,medquad-qa,acl-abstracts,msdocs-cpp-en,64").Split(','))
        {
            var corpus = int.TryParse(name, CultureInfo.InvariantCulture, out var fixedLength)
                ? EncoderCorpus.Fixed(2000, fixedLength) : EncoderCorpus.Read(Path.Combine(data, name), length, threads);
            foreach (var dropout in arguments.Text("dropout", "0,0.1").Split(',').Select(d => double.Parse(d, CultureInfo.InvariantCulture)))
            {
                Gate(corpus, peer, home.Path);
                using var ours = new EncoderSide(Config(dropout), arguments.Text("precision", "bf16") == "fp32" ? Precision.Fp32 : Precision.Bf16, home.Path);
                peer.Ask(ours.Load);
                measure(corpus, ours, peer, arguments);
            }
        }

        Console.WriteLine($"  {Probe()}");
        return Task.CompletedTask;
    }

    // Without dropout both must lose alike: in fp32 to the last digits, in bf16 within the type's own noise.
    static void Gate(EncoderCorpus corpus, EncoderPeer peer, string folder)
    {
        foreach (var (precision, tolerance) in new[] { (Precision.Fp32, 1e-4), (Precision.Bf16, 1e-2) })
        {
            using var ours = new EncoderSide(Config(0), precision, folder);
            peer.Ask(ours.Load);
            for (var step = 0; step < 2; step++)
            {
                var pairs = Pairs(corpus, step);
                var (a, b) = (ours.Step(pairs), Ask(peer, pairs).GetProperty("loss").GetDouble());
                Require(Math.Abs(a - b) <= tolerance * b, $"{corpus.Name}, {precision}, step {step}: loss {a:G9}, the peer's {b:G9}");
            }
        }
    }

    static void Train(EncoderCorpus corpus, EncoderSide ours, EncoderPeer peer, Arguments arguments)
    {
        var (rounds, steps) = (arguments.Number("rounds", 5), arguments.Number("steps", 3));
        var (mine, its) = (new List<Cost>(), new List<Cost>());
        double padded = 0, real = 0;
        for (var step = -1; step < rounds * steps; step++)
        {
            var pairs = Pairs(corpus, step + 1);
            var a = Cost.Of(() => ours.Step(pairs));
            var answer = Ask(peer, pairs);
            if (step < 0)
            {
                continue;
            }

            mine.Add(a);
            its.Add(new Cost(answer.GetProperty("wall").GetDouble(), answer.GetProperty("cpu").GetDouble()));
            foreach (var side in new[] { pairs.Select(p => p.Title.Length).ToList(), pairs.Select(p => p.Body.Length).ToList() })
            {
                padded += side.Max() * side.Count;
                real += side.Sum();
            }
        }

        Print(corpus.Name, ours, "step", mine, its, steps, padded / real, real / mine.Count);
    }

    static void Encode(EncoderCorpus corpus, EncoderSide ours, EncoderPeer peer, Arguments arguments)
    {
        var (rounds, count) = (arguments.Number("rounds", 5), arguments.Number("texts", 1024));
        foreach (var sorted in new[] { false, true })
        {
            var (mine, its) = (new List<Cost>(), new List<Cost>());
            var output = Path.GetTempFileName();
            double padded = 0, real = 0;
            for (var round = -1; round < rounds; round++)
            {
                var texts = Enumerable.Range(0, count).Select(i => corpus.Pairs[(((round + 1) * count) + i) % corpus.Pairs.Count].Body).ToList();
                float[] vectors = [];
                var a = Cost.Of(() => vectors = ours.Encode(texts));
                var answer = peer.Ask(new JsonObject { ["do"] = "encode", ["texts"] = EncoderPeer.Ids(texts), ["batch"] = Batch, ["sorted"] = sorted, ["output"] = output });
                var theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)).ToArray();
                var cosine = Enumerable.Range(0, count).Min(i => Dot(vectors, theirs, i, vectors.Length / count));
                Require(cosine > 0.999, $"{corpus.Name}: an embedding's cosine to the peer's is {cosine:G6}");
                if (round < 0)
                {
                    Console.WriteLine($"  {corpus.Name}: least cosine to the peer's embeddings {cosine:G7}");
                    continue;
                }

                mine.Add(a);
                its.Add(new Cost(answer.GetProperty("wall").GetDouble(), answer.GetProperty("cpu").GetDouble()));
                foreach (var lengths in (sorted ? texts.OrderByDescending(t => t.Length) : texts.AsEnumerable()).Select(t => t.Length).Chunk(Batch))
                {
                    padded += lengths.Max() * lengths.Length;
                    real += lengths.Sum();
                }
            }

            File.Delete(output);
            Print(corpus.Name, ours, $"{count} texts, peer {(sorted ? "sorts by length" : "in the corpus' order")}", mine, its, 1, padded / real, real / rounds);
        }
    }

    static void Print(string corpus, EncoderSide ours, string what, List<Cost> mine, List<Cost> its, int steps, double share, double tokens)
    {
        var rounds = mine.Zip(its).Chunk(steps).ToList();
        var wall = new Sample(rounds.Select(r => r.Sum(p => p.Second.Wall) / r.Sum(p => p.First.Wall)));
        var processor = new Sample(rounds.Select(r => r.Sum(p => p.Second.Processor) / r.Sum(p => p.First.Processor)));
        Console.WriteLine($"  {corpus}, dropout {ours.Load["dropout"]}, {what}: {new Sample(mine.Select(c => c.Wall * 1e3)).Median:N0} ms ({new Sample(mine.Select(c => c.Processor * 1e3)).Median:N0} of processor), " +
            $"peer {new Sample(its.Select(c => c.Wall * 1e3)).Median:N0} ms ({new Sample(its.Select(c => c.Processor * 1e3)).Median:N0}); {tokens:N0} tokens, padded/real {share:N2}");
        Console.WriteLine($"    by the clock {wall.Text("times", "N2")}, by the processor {processor.Text("times", "N2")}; per padding share {wall.Median / share:N2} and {processor.Median / share:N2}");
    }

    static System.Text.Json.JsonElement Ask(EncoderPeer peer, IReadOnlyList<(int[] Title, int[] Body)> pairs) =>
        peer.Ask(new JsonObject { ["do"] = "step", ["queries"] = EncoderPeer.Ids(pairs.Select(p => p.Title)), ["passages"] = EncoderPeer.Ids(pairs.Select(p => p.Body)) });

    static List<(int[] Title, int[] Body)> Pairs(EncoderCorpus corpus, int step) => [.. Enumerable.Range(0, Batch).Select(i => corpus.Pairs[((step * Batch) + i) % corpus.Pairs.Count])];

    static double Dot(float[] a, float[] b, int row, int width) => Enumerable.Range(row * width, width).Sum(i => (double)a[i] * b[i]);

    internal static TransformerConfig Config(double dropout) => new()
    {
        ModelType = TransformerConfig.Bert,
        VocabularySize = EncoderCorpus.VocabularySize,
        HiddenSize = 384,
        Layers = 6,
        Heads = 12,
        IntermediateSize = 1536,
        MaxPositions = 512,
        PadTokenId = 0,
        HiddenDropout = dropout,
        AttentionDropout = dropout,
    };

    static string Probe() => $"1024-cubed product: {TorchRuntime.MatmulGflops(1024, 5):N0} GFLOP/s in fp32";

    static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new InvalidOperationException(fault);
        }
    }

    sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("bench-encoders-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
