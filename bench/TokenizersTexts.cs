using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Bench;

/// <summary>Titles and texts of the msdocs corpora, in one list, with the range of each corpus.</summary>
sealed record TokenizersTexts(IReadOnlyList<string> All, IReadOnlyList<(string Name, Range Range, long Bytes)> Corpora)
{
    static readonly string[] Names = ["msdocs-cpp-en", "msdocs-cpp-zh", "msdocs-cpp-ko", "msdocs-powershell", "msdocs-vba"];

    /// <summary>Reads every <paramref name="step"/>th document of each corpus under a folder.</summary>
    public static TokenizersTexts Read(string data, int step)
    {
        var all = new List<string>();
        var corpora = new List<(string, Range, long)>();
        foreach (var name in Names)
        {
            var from = all.Count;
            all.AddRange(Rows(Path.Combine(data, name, "corpus.jsonl")).Where((_, i) => i % step == 0));
            corpora.Add((name, from..all.Count, all.Skip(from).Sum(text => (long)Encoding.UTF8.GetByteCount(text))));
        }

        return new TokenizersTexts(all, corpora);
    }

    static IEnumerable<string> Rows(string path)
    {
        using Stream file = File.Exists(path) ? File.OpenRead(path) : new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            yield return $"{row.RootElement.GetProperty("title").GetString()} {row.RootElement.GetProperty("text").GetString()}";
        }
    }
}
