using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Evaluation;

namespace Trainer.Training;

/// <summary>
/// A training set as plain files, to be carried to a machine that has nothing but libtorch: <c>training-set.json</c> (<see cref="PackedManifest"/>), <c>training-set.safetensors</c>
/// (ids of texts end to end as <c>queries.ids</c> and <c>passages.ids</c>, where each starts as <c>.starts</c>, rows as <c>rows.query</c>, <c>rows.positive</c> and
/// <c>rows.negatives</c> with <c>.starts</c>, and what is no negative of what as <c>passages.cluster</c> and <c>queries.positives</c> with <c>.starts</c>; Int32, starts Int64; each row's source as <c>rows.source</c> with the names <c>sources.files</c> and <c>sources.generators</c>
/// in UTF-8, and where a teacher scored rows <c>rows.scores</c>, Float32, of each row its positive and then its negatives, NaN for none),
/// the tokenizer's files under <c>tokenizer/</c>, and held-out queries under <c>dev/</c> where there are some. Equal sets give equal bytes.
/// </summary>
/// <param name="Manifest">What the folder says of itself.</param>
/// <param name="Rows">The training rows.</param>
/// <param name="Tokenizer">Files of the tokenizer.</param>
/// <param name="Dev">Held-out queries, or null.</param>
public sealed record PackedTrainingSet(PackedManifest Manifest, TrainingSet Rows, FileSet Tokenizer, RetrievalCollection? Dev)
{
    internal const string ManifestFile = "training-set.json";
    internal const string TensorFile = "training-set.safetensors";
    internal const string TokenizerFolder = "tokenizer";
    internal const string DevFolder = "dev";

    /// <summary>Reads a folder; nothing in it is believed before it is checked.</summary>
    /// <exception cref="TrainerException">A file is missing, damaged or contradicts another.</exception>
    public static PackedTrainingSet Read(string folder)
    {
        var files = FileSet.FromFolder(folder);
        var manifest = PackedManifest.Read(files[ManifestFile]);
        var path = files[TensorFile];
        using (var stream = File.OpenRead(path))
        {
            var found = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (found != manifest.Sha256)
            {
                throw new TrainerException($"{path} has the SHA-256 {found}; {ManifestFile} says {manifest.Sha256}. The copy is damaged: carry it again.");
            }
        }

        using var reader = new SafetensorsReader(path);
        var part = new Parts(reader, path);
        var queries = part.Texts("queries", manifest.Queries, manifest.VocabularySize);
        var passages = part.Texts("passages", manifest.Passages, manifest.VocabularySize);
        var query = part.Indices("rows.query", manifest.Rows, manifest.Queries);
        var positive = part.Indices("rows.positive", manifest.Rows, manifest.Passages);
        var negatives = part.Lists("rows.negatives", manifest.Rows, manifest.Passages);
        var cluster = part.Indices("passages.cluster", manifest.Passages, manifest.Passages);
        var positives = part.Lists("queries.positives", manifest.Queries, manifest.Passages);
        if (manifest.Shards.Any(s => s.Rows < 0) || manifest.Shards.Sum(s => s.Rows) != manifest.Rows || manifest.Rows < 1)
        {
            throw new TrainerException($"{files[ManifestFile]} says {manifest.Rows} rows and shards of {manifest.Shards.Sum(s => s.Rows)}; expected equal numbers above 0.");
        }

        var sources = manifest.Format > 1 ? part.Sources(manifest.Sources) : [new RowSource("", "")];
        var source = manifest.Format > 1 ? part.Indices("rows.source", manifest.Rows, manifest.Sources) : new int[manifest.Rows];
        var scores = manifest.TeacherScores ? part.Scores("rows.scores", negatives) : null;
        var bucket = manifest.Shards.SelectMany(s => Enumerable.Repeat(s.Bucket, (int)s.Rows)).ToArray();
        var rows = Enumerable.Range(0, manifest.Rows)
            .Select(r => new IndexedRow(query[r], positive[r], negatives[r]) { Source = source[r], Bucket = bucket[r], Scores = scores?[r] }).ToList();
        var dev = Path.Combine(folder, DevFolder);
        return new PackedTrainingSet(
            manifest, TrainingSet.From(rows, queries, passages, cluster, positives, sources), FileSet.FromFolder(Path.Combine(folder, TokenizerFolder)),
            Directory.Exists(dev) ? PackedCollection.Read(dev) : null);
    }

    /// <summary>Checked arrays of a safetensors file.</summary>
    sealed class Parts(SafetensorsReader reader, string path)
    {
        public TokenStore Texts(string name, int count, int vocabulary)
        {
            var starts = Starts(name + ".starts", count);
            return TokenStore.From(Indices(name + ".ids", starts[^1], vocabulary), starts);
        }

        public List<RowSource> Sources(int count)
        {
            var (files, generators) = (Names("sources.files", count), Names("sources.generators", count));
            return [.. files.Zip(generators, (file, generator) => new RowSource(file, generator))];
        }

        public float[]?[] Scores(string name, int[][] negatives)
        {
            var values = Read<float>(name, SafetensorsType.F32, negatives.Sum(n => 1L + n.Length));
            var at = Array.FindIndex(values, float.IsInfinity);
            if (at >= 0)
            {
                throw new TrainerException($"{path}, tensor '{name}' holds {values[at]} at {at}; expected finite scores, or NaN for none. The file is damaged: pack it again.");
            }

            at = 0;
            return [.. negatives.Select(n => values[at..(at += 1 + n.Length)]).Select(s => Array.TrueForAll(s, float.IsNaN) ? null : s)];
        }

        string[] Names(string name, int count)
        {
            var starts = Starts(name + ".starts", count);
            var bytes = Read<byte>(name, SafetensorsType.U8, starts[^1]);
            return [.. Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetString(bytes, (int)starts[i], (int)(starts[i + 1] - starts[i])))];
        }

        public int[][] Lists(string name, int count, int below)
        {
            var starts = Starts(name + ".starts", count);
            var values = Indices(name, starts[^1], below);
            return Enumerable.Range(0, count).Select(i => values[(int)starts[i]..(int)starts[i + 1]]).ToArray();
        }

        public int[] Indices(string name, long count, int below)
        {
            var values = Read<int>(name, SafetensorsType.I32, count);
            var at = Array.FindIndex(values, v => v < 0 || v >= below);
            return at < 0 ? values : throw new TrainerException($"{path}, tensor '{name}' holds {values[at]} at {at}; expected 0 to {below - 1}. The file is damaged: pack it again.");
        }

        long[] Starts(string name, int count)
        {
            if (count < 0)
            {
                throw new TrainerException($"{ManifestFile} beside {path} counts {count} for tensor '{name}'; expected 0 or more. The file is damaged: pack it again.");
            }

            var starts = Read<long>(name, SafetensorsType.I64, count + 1L);
            for (var i = 0; i < starts.Length; i++)
            {
                if (starts[i] < (i == 0 ? 0 : starts[i - 1]) || starts[i] > Array.MaxLength || (i == 0 && starts[i] != 0))
                {
                    throw new TrainerException($"{path}, tensor '{name}' holds {starts[i]} at {i}; expected starts that rise from 0. The file is damaged: pack it again.");
                }
            }

            return starts;
        }

        T[] Read<T>(string name, SafetensorsType type, long count)
            where T : unmanaged
        {
            var entry = reader.Expect(name, type, count);
            if (entry.Bytes > Array.MaxLength)
            {
                throw new TrainerException($"{path}, tensor '{name}' has {entry.Bytes} bytes; at most {Array.MaxLength} can be read.");
            }

            var values = new T[count];
            reader.Read(entry, MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
    }
}
