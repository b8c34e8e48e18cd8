using System.Text.Json;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>BPE tokenizers as Hugging Face lays them out: tokenizer.json, or vocab.json with merges.txt. <see cref="TokenizerFiles"/> reads them.</summary>
public static class BpeFiles
{
    // What the two families call their special tokens.
    static readonly string[] Special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"];

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

    /// <summary>Reads the root of a tokenizer.json and, where there is one, the padding token of its tokenizer_config.json.</summary>
    internal static BpeTokenizer FromJson(JsonElement root, string name, TokenizerFile? config = null)
    {
        using var json = config?.Json();
        return TokenizerFile.Read(name, "BPE", () => new BpeTokenizer(new BpeJsonReader(name).Model(root) with { PadToken = json is null ? null : PadToken(json.RootElement) }, name));
    }

    /// <summary>Reads a vocab.json and a merges.txt as GPT-2's and RoBERTa's: a vocabulary with &lt;s&gt; and &lt;/s&gt; sets them around a text.</summary>
    internal static BpeTokenizer FromVocabulary(TokenizerFile vocabulary, TokenizerFile merges, TokenizerFile? config)
    {
        using var json = vocabulary.Json();
        return TokenizerFile.Read(vocabulary.Name, "BPE", () =>
        {
            var pieces = BpeJsonReader.Pieces(json.RootElement, vocabulary.Name);
            var words = new Gpt2Words();
            var roberta = pieces.TryGetValue("<s>", out var start) & pieces.TryGetValue("</s>", out var end);
            return new BpeTokenizer(
                new BpeModel
                {
                    Pieces = pieces,
                    Merges = Merges(merges),
                    ByteLevel = true,
                    UnknownToken = pieces.ContainsKey("<unk>") ? "<unk>" : null,
                    AddedTokens = [.. Special.Where(pieces.ContainsKey).Select(token => new AddedToken(pieces[token], token, LeftStrip: token == "<mask>"))],
                    Words = [PrefixSpace(config) ? new PrefixSpaceStep(words) : words],
                    Single = roberta ? new TokenTemplate([start], [], [end]) : TokenTemplate.Empty,
                    Pair = roberta ? new TokenTemplate([start], [end, end], [end]) : TokenTemplate.Joined,
                },
                merges.Name);
        });
    }

    static List<(string Left, string Right)> Merges(TokenizerFile file)
    {
        var merges = new List<(string Left, string Right)>();
        foreach (var line in file.Lines().Select(static line => line.TrimEnd('\r')).Where(static line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)))
        {
            merges.Add(merges.Count < BpeMerges.Most ? BpeJsonReader.Merge(line, merges.Count, file.Name) : throw new DataPrepException($"{file.Name} has more than {BpeMerges.Most} merges. Expected at most that many."));
        }

        return merges;
    }

    static bool PrefixSpace(TokenizerFile? config)
    {
        using var json = config?.Json();
        return json is not null && json.RootElement.TryGetProperty("add_prefix_space", out var flag) && flag.ValueKind == JsonValueKind.True;
    }

    // A string, or an added token.
    static string? PadToken(JsonElement config)
    {
        if (config.TryGetProperty("pad_token", out var token) && token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content))
        {
            token = content;
        }

        return token.ValueKind == JsonValueKind.String ? token.GetString() : null;
    }
}
