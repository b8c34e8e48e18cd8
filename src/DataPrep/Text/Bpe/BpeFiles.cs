using System.Text.Json;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>BPE tokenizers as Hugging Face lays them out: tokenizer.json, or vocab.json with merges.txt. <see cref="TokenizerFiles"/> reads them.</summary>
public static class BpeFiles
{
    /// <summary>Writes tokenizer.json and tokenizer_config.json; the bytes depend on the tokenizer alone.</summary>
    /// <param name="tokenizer">A tokenizer that <see cref="BpeTrainer"/> made.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="maxLength">model_max_length for Transformers. Default 512.</param>
    /// <exception cref="DataPrepException">The tokenizer was read from files.</exception>
    public static void Save(BpeTokenizer tokenizer, string folder, int maxLength = 512)
    {
        var settings = tokenizer.Settings ?? throw new DataPrepException("A BPE tokenizer that was read from files is not written again. Expected one that was trained; copy the files instead.");
        Directory.CreateDirectory(folder);
        TokenizerJson.Write(Path.Combine(folder, "tokenizer.json"), json => BpeJson.Write(json, tokenizer.Model, settings));
        TokenizerJson.Write(Path.Combine(folder, "tokenizer_config.json"), json => BpeJson.WriteConfig(json, settings, maxLength));
    }

    /// <summary>Reads the root of a tokenizer.json.</summary>
    internal static BpeTokenizer FromJson(JsonElement root, string name) => TokenizerFile.Read(name, "BPE", () => new BpeTokenizer(new BpeJsonReader(name).Model(root), name));
}
