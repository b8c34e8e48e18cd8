using System.Text.Json.Nodes;
using DataPrep.Text.Bpe;

namespace DataPrep.Tests.Text.Bpe;

/// <summary>A folder of temporary files with a tokenizer, changed as a test wants it.</summary>
sealed class SavedBpe : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bpe-");

    public SavedBpe(BpeTokenizer tokenizer, Action<JsonNode>? change = null)
    {
        BpeFiles.Save(tokenizer, Path);
        if (change is not null)
        {
            var root = JsonNode.Parse(File.ReadAllText(Json))!;
            change(root);
            File.WriteAllText(Json, root.ToJsonString());
        }
    }

    public string Path => folder.FullName;

    public string Json => System.IO.Path.Combine(Path, "tokenizer.json");

    public void Dispose() => folder.Delete(recursive: true);
}
