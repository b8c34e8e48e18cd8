using System.Text.Json;
using DataPrep.Readers;
using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text;

/// <summary>
/// Reads a tokenizer from what a folder has: tokenizer.json (WordPiece, Unigram or BPE), else vocab.txt with tokenizer_config.json (WordPiece), else sentencepiece.bpe.model (Unigram), else
/// vocab.json with merges.txt (byte-level BPE of GPT-2 and RoBERTa).
/// Files are read as hostile: none can crash, hang or take memory out of proportion to its size.
/// </summary>
public static class TokenizerFiles
{
    const string Json = "tokenizer.json", Vocabulary = "vocab.txt", Config = "tokenizer_config.json", SentencePiece = "sentencepiece.bpe.model", Pieces = "vocab.json", Merges = "merges.txt";

    const string Wanted = $"{Json}, {Vocabulary}, {SentencePiece} or {Pieces} with {Merges}";

    /// <summary>Names of the files that may make up a tokenizer and travel with a model.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Json, Config, "special_tokens_map.json", "added_tokens.json", Vocabulary, Pieces, Merges, SentencePiece];

    /// <summary>Reads a tokenizer from a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataPrepException">A file is missing or broken, or asks for something that is not supported.</exception>
    public static ITokenizer Load(string folder) => Load(Find(folder), folder);

    /// <summary>Reads a tokenizer from files that may lie anywhere, under any name.</summary>
    /// <param name="paths">Path by the name the file has in a tokenizer's folder; others are ignored.</param>
    /// <param name="label">What messages call the folder.</param>
    /// <exception cref="DataPrepException">A file is missing or broken, or asks for something that is not supported.</exception>
    public static ITokenizer Load(IReadOnlyDictionary<string, string> paths, string label)
    {
        TokenizerFile? Find(string name) => paths.TryGetValue(name, out var path) ? new TokenizerFile(path, Name(path, name, label)) : null;
        if (Find(Json) is { } json)
        {
            return FromJson(json, Find(Config));
        }

        if (Find(Vocabulary) is { } vocabulary)
        {
            return WordPieceFiles.FromVocabulary(vocabulary, Find(Config));
        }

        if (Find(SentencePiece) is { } sentencePiece)
        {
            return UnigramFiles.FromSentencePiece(sentencePiece);
        }

        return Find(Pieces) is { } pieces && Find(Merges) is { } merges
            ? BpeFiles.FromVocabulary(pieces, merges, Find(Config))
            : throw new DataPrepException($"No tokenizer in {label}: found {(paths.Count == 0 ? "nothing" : string.Join(", ", paths.Keys.Order(StringComparer.Ordinal)))}. Expected {Wanted}.");
    }

    /// <summary>The files of a tokenizer in a folder, by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="allowed">Folders that the files may lie in, links followed; null for any.</param>
    /// <exception cref="DataPrepException">There is no such folder, or no tokenizer in it, or a link leads out of the allowed folders.</exception>
    public static IReadOnlyDictionary<string, string> Find(string folder, IReadOnlyList<string>? allowed = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataPrepException($"No tokenizer at {folder}: no such folder. Expected a folder with {Wanted}.");
        }

        var fence = new PathFence(allowed ?? ["/"]);
        var files = Names.Where(name => File.Exists(Path.Combine(folder, name))).ToDictionary(name => name, name => fence.Check(Path.Combine(folder, name), $"{folder}/{name}"), StringComparer.Ordinal);
        return files.Count > 0 ? files : throw new DataPrepException($"No tokenizer in {folder}: found nothing of it. Expected {Wanted}.");
    }

    static ITokenizer FromJson(TokenizerFile file, TokenizerFile? config)
    {
        using var document = file.Json();
        var kind = Kind(document.RootElement);
        return kind switch
        {
            "WordPiece" => WordPieceFiles.FromJson(document.RootElement, file.Name),
            "BPE" => BpeFiles.FromJson(document.RootElement, file.Name, config),
            "Unigram" => UnigramFiles.FromJson(document.RootElement, file.Name),
            _ => throw new DataPrepException($"{file.Name}: model is of type {kind}. Expected WordPiece, Unigram or BPE."),
        };
    }

    // Files of the first releases name no type; Hugging Face then takes the first whose fields are all there.
    static string Kind(JsonElement root)
    {
        if (!root.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.Object)
        {
            return "null";
        }

        if (model.TryGetProperty("type", out var type))
        {
            return type.ValueKind == JsonValueKind.String ? type.GetString()! : type.GetRawText();
        }

        var isList = model.TryGetProperty("vocab", out var vocabulary) && vocabulary.ValueKind == JsonValueKind.Array;
        return isList ? "Unigram" : model.TryGetProperty("merges", out _) ? "BPE" : model.TryGetProperty("continuing_subword_prefix", out _) ? "WordPiece" : "WordLevel";
    }

    static string Name(string path, string name, string label) => Path.GetFileName(path) == name ? path : $"{label}/{name} ({path})";
}
