using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>Unigram tokenizers as Hugging Face and SentencePiece lay them out: tokenizer.json, sentencepiece.bpe.model.</summary>
public static class UnigramFiles
{
    const long MostBytes = 1 << 27;

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

        var length = new FileInfo(path).Length;
        if (length > MostBytes)
        {
            throw new DataPrepException($"{path} has {length} bytes. Expected a tokenizer of at most {MostBytes}.");
        }

        return new UnigramTokenizer(path.EndsWith(".model", StringComparison.Ordinal) ? new SentencePieceReader(path).Model(File.ReadAllBytes(path)) : ReadJson(path));
    }

    static UnigramModel ReadJson(string path)
    {
        using var document = TokenizerJson.Parse(path);
        try
        {
            return new UnigramJsonReader(path).Model(document.RootElement);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new DataPrepException($"{path} is no Unigram tokenizer: {fault.Message} Expected a file that Hugging Face tokenizers writes.", fault);
        }
    }
}
