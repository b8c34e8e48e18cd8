using System.IO.Compression;
using System.Text.Json;
using DataPrep.Text;
using DataPrep.Text.WordPiece;

namespace Bench;

/// <summary>Titles and bodies of a collection as token ids, made by a vocabulary trained on it.</summary>
sealed class EncoderCorpus
{
    public const int VocabularySize = 30522;

    public required string Name { get; init; }

    /// <summary>Title and body of each document that has both, in a seeded order.</summary>
    public required IReadOnlyList<(int[] Title, int[] Body)> Pairs { get; init; }

    public static EncoderCorpus Read(string folder, int length, int threads)
    {
        var texts = new List<(string Title, string Body)>();
        foreach (var line in Lines(folder))
        {
            using var json = JsonDocument.Parse(line);
            var (title, body) = (json.RootElement.GetProperty("title").GetString() ?? "", json.RootElement.GetProperty("text").GetString() ?? "");
            if (title.Trim().Length > 0 && body.Trim().Length > 0)
            {
                texts.Add((title, body));
            }
        }

        var tokenizer = WordPieceTrainer.Train(texts.SelectMany(t => new[] { t.Title, t.Body }), new WordPieceTrainerOptions { VocabularySize = VocabularySize }, threads);
        var titles = tokenizer.EncodeAll([.. texts.Select(t => t.Title)], length, threads);
        var bodies = tokenizer.EncodeAll([.. texts.Select(t => t.Body)], length, threads);
        var pairs = titles.Zip(bodies).ToArray();
        var order = new Random(7);
        order.Shuffle(pairs);
        return new EncoderCorpus { Name = Path.GetFileName(folder), Pairs = pairs };
    }

    /// <summary>Random ids, all texts of one length: nothing is padded.</summary>
    public static EncoderCorpus Fixed(int count, int length)
    {
        var random = new Random(7);
        return new EncoderCorpus { Name = $"fixed length {length}", Pairs = [.. Enumerable.Range(0, count).Select(_ => (Text(), Text()))] };

        int[] Text() => [2, .. Enumerable.Range(0, length - 2).Select(_ => random.Next(5, VocabularySize)), 3];
    }

    static IEnumerable<string> Lines(string folder)
    {
        var plain = Path.Combine(folder, "corpus.jsonl");
        if (File.Exists(plain))
        {
            return File.ReadLines(plain);
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(plain + ".gz"), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
