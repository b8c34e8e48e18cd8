using System.Text.Json;

namespace DataPrep.Text.WordPiece;

/// <summary>Tokenizer folders as Hugging Face lays them out: tokenizer.json, vocab.txt, tokenizer_config.json.</summary>
public static class WordPieceFiles
{
    /// <summary>Reads a tokenizer: tokenizer.json where the folder has one, else vocab.txt with tokenizer_config.json. Files are read as hostile.</summary>
    /// <param name="path">A folder, a vocab.txt, or a tokenizer.json under any name (a store may name files by their hash).</param>
    /// <exception cref="DataPrepException">A file is missing or broken, or asks for something BERT's tokenizer has not.</exception>
    public static WordPieceTokenizer Load(string path)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? string.Empty;
        var json = Path.Combine(folder, "tokenizer.json");
        var vocabulary = Path.Combine(folder, "vocab.txt");
        json = File.Exists(path) ? path : json;
        if (File.Exists(json) && !path.EndsWith("vocab.txt", StringComparison.Ordinal))
        {
            using var document = new TokenizerFile(json).Json();
            return FromJson(document.RootElement, json);
        }

        if (!File.Exists(vocabulary))
        {
            throw new DataPrepException($"No tokenizer at {path}: found neither tokenizer.json nor vocab.txt. Expected a folder with a WordPiece tokenizer.");
        }

        var config = Path.Combine(folder, "tokenizer_config.json");
        return FromVocabulary(new TokenizerFile(vocabulary), File.Exists(config) ? new TokenizerFile(config) : null);
    }

    /// <summary>Reads the root of a tokenizer.json.</summary>
    internal static WordPieceTokenizer FromJson(JsonElement root, string name) =>
        TokenizerFile.Read(name, "WordPiece", () => new WordPieceTokenizer(new TokenizerJsonReader(name).Model(root)));

    /// <summary>Reads a vocab.txt and, where there is one, its tokenizer_config.json.</summary>
    internal static WordPieceTokenizer FromVocabulary(TokenizerFile vocabulary, TokenizerFile? config) => new(WordPieceModel.Bert(ReadVocabulary(vocabulary), ReadSettings(config)));

    /// <summary>Writes vocab.txt, tokenizer.json and tokenizer_config.json; the bytes depend on the tokenizer alone.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="maxLength">model_max_length for Transformers. Default 512.</param>
    public static void Save(WordPieceTokenizer tokenizer, string folder, int maxLength = 512)
    {
        Directory.CreateDirectory(folder);
        var model = tokenizer.Model;
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Concat(model.Pieces.Select(static (piece, id) => $"{piece ?? $"[unused{id}]"}\n")));
        TokenizerJson.Write(model, Path.Combine(folder, "tokenizer.json"));
        TokenizerJson.WriteConfig(model, Path.Combine(folder, "tokenizer_config.json"), maxLength);
    }

    static List<string?> ReadVocabulary(TokenizerFile file)
    {
        var pieces = new List<string?>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in file.Lines())
        {
            var piece = line.TrimEnd('\r');
            pieces.Add(seen.Add(piece) ? piece : throw new DataPrepException($"{file.Name} line {pieces.Count + 1}: the piece \"{piece}\" stands twice. Expected each piece once."));
        }

        return pieces;
    }

    static WordPieceSettings ReadSettings(TokenizerFile? file)
    {
        if (file is null)
        {
            return new WordPieceSettings();
        }

        using var config = file.Json();
        bool? Flag(string name) => config.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
        return new WordPieceSettings
        {
            Lowercase = Flag("do_lower_case") ?? true,
            StripAccents = Flag("strip_accents"),
            HandleChineseChars = Flag("tokenize_chinese_chars") ?? true,
            SplitIdentifiers = Flag("split_identifiers") ?? false,
        };
    }
}
