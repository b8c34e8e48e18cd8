using System.Text.Json;
using DataPrep.Text;
using Trainer.Encoders.Transformers;

namespace Trainer.Heads;

/// <summary>
/// Ids that a sparse head gives no weight, as FlagEmbedding chooses them: the tokenizer's cls, eos, pad and unk by <c>special_tokens_map.json</c>, else by
/// <c>tokenizer_config.json</c>, else by the spelling that all models of the type have. BERT has no eos, so its [SEP] keeps a weight there and here.
/// </summary>
public static class UnusedTokens
{
    const long MaxBytes = 1 << 24;

    static readonly string[] Keys = ["cls_token", "eos_token", "pad_token", "unk_token"];
    static readonly string[] Files = ["special_tokens_map.json", "tokenizer_config.json"];

    /// <summary>The ids, ascending.</summary>
    /// <param name="files">The model's folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="modelType">Its type, as config.json names it.</param>
    /// <exception cref="TrainerException">A file is unreadable, or names a token that the tokenizer does not have.</exception>
    public static IReadOnlyList<int> Find(FileSet files, ITokenizer tokenizer, string modelType)
    {
        var pieces = Defaults(modelType);
        foreach (var file in Files.Where(files.Has).Reverse())
        {
            Read(files[file], pieces);
        }

        return [.. pieces.Values.OfType<string>().Select(piece => tokenizer.IdOf(piece) is var id and >= 0
            ? id
            : throw new TrainerException($"{files.Label} names the special token '{piece}', which its tokenizer does not have.")).Distinct().Order()];
    }

    static Dictionary<string, string?> Defaults(string modelType) => Keys.Zip(modelType == TransformerConfig.XlmRoberta
        ? new string?[] { "<s>", "</s>", "<pad>", "<unk>" }
        : ["[CLS]", null, "[PAD]", "[UNK]"]).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);

    static void Read(string path, Dictionary<string, string?> pieces)
    {
        try
        {
            using var json = ConfigKeys.Open(path, MaxBytes);
            foreach (var key in Keys)
            {
                // A token stands there as a text, or as an object with its content.
                if (json.RootElement.TryGetProperty(key, out var token))
                {
                    token = token.ValueKind == JsonValueKind.Object ? token.GetProperty("content") : token;
                    pieces[key] = token.ValueKind == JsonValueKind.Null ? pieces[key] : token.GetString();
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            throw new TrainerException($"{path} says no special tokens: {error.Message}", error);
        }
    }
}
