using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Unigram tokenizers as Hugging Face and SentencePiece lay them out: tokenizer.json, sentencepiece.bpe.model.</summary>
public static class UnigramFiles
{
    /// <summary>Reads a tokenizer: tokenizer.json where the folder has one, else sentencepiece.bpe.model with the ids of XLM-R. Files are read as hostile.</summary>
    /// <param name="path">A folder, a sentencepiece.bpe.model (any name that ends in .model), or a tokenizer.json under any other name.</param>
    /// <exception cref="DataPrepException">A file is missing or broken, or asks for something that is not supported.</exception>
    public static UnigramTokenizer Load(string path)
    {
        if (Directory.Exists(path))
        {
            string[] names = ["tokenizer.json", "sentencepiece.bpe.model"];
            path = names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new DataPrepException($"No tokenizer at {path}: found neither {string.Join(" nor ", names)}. Expected a folder with a Unigram tokenizer.");
        }

        if (!File.Exists(path))
        {
            throw new DataPrepException($"No tokenizer at {path}. Expected a folder, a tokenizer.json or a sentencepiece.bpe.model.");
        }

        var file = new TokenizerFile(path);
        if (path.EndsWith(".model", StringComparison.Ordinal))
        {
            return FromSentencePiece(file);
        }

        using var document = file.Json();
        return FromJson(document.RootElement, path);
    }

    /// <summary>Reads a SentencePiece model with the ids of XLM-R.</summary>
    internal static UnigramTokenizer FromSentencePiece(TokenizerFile file) => new(new SentencePieceReader(file.Name).Model(file.Bytes()));

    /// <summary>Reads the root of a tokenizer.json.</summary>
    internal static UnigramTokenizer FromJson(JsonElement root, string name) =>
        TokenizerFile.Read(name, "Unigram", () => new UnigramTokenizer(new UnigramJsonReader(name).Model(root)));

    /// <summary>Writes tokenizer.json and tokenizer_config.json, which Hugging Face's libraries read; the bytes depend on the tokenizer alone.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="maxLength">model_max_length for Transformers. Default 512.</param>
    public static void Save(UnigramTokenizer tokenizer, string folder, int maxLength = 512)
    {
        Directory.CreateDirectory(folder);
        UnigramJson.Write(tokenizer.Model, Path.Combine(folder, "tokenizer.json"));
        UnigramJson.WriteConfig(tokenizer.Model, Path.Combine(folder, "tokenizer_config.json"), maxLength);
    }
}
