using System.Text.Json.Nodes;

namespace DataPrep.Tests.Text.Unigram;

/// <summary>A folder of temporary files with the golden XLM-R tokenizer.json, changed as a test wants it.</summary>
sealed class XlmrMini : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("unigram-");

    public XlmrMini(Action<JsonNode> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFolder.Path("golden/xlmr-mini/tokenizer.json")))!;
        change(root);
        File.WriteAllText(System.IO.Path.Combine(Path, "tokenizer.json"), root.ToJsonString());
    }

    public string Path => folder.FullName;

    public static string Model => SharedFolder.Path("golden/xlmr-mini/sentencepiece.bpe.model");

    public static string Charsmap(JsonNode root) => root["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!.GetValue<string>();

    public void Dispose() => folder.Delete(recursive: true);
}
