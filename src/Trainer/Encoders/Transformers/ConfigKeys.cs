using System.Text.Json;

namespace Trainer.Encoders.Transformers;

/// <summary>Typed look at the keys of a configuration; a key that is absent or null has its default.</summary>
readonly struct ConfigKeys
{
    readonly JsonElement _root;
    readonly string _path;

    public ConfigKeys(JsonElement root, string path)
    {
        (_root, _path) = (root, path);
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new TrainerException($"{path} holds {Shown(root)}; expected an object with a model's configuration.");
        }
    }

    /// <summary>Opens a JSON file that has at most so many bytes.</summary>
    public static JsonDocument Open(string path, long limit) => JsonDocument.Parse(UntrustedFile.Read(path, limit, "a file of JSON"), new JsonDocumentOptions { MaxDepth = 64 });

    /// <summary>Text of a key, or null.</summary>
    public string? Text(string key) => Find(key) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value, "a text");

    /// <summary>Whether a key is there, be it null.</summary>
    public bool Has(string key) => _root.TryGetProperty(key, out _);

    /// <summary>Keys of an object, or null.</summary>
    public ConfigKeys? Object(string key) => Find(key) is not { } value ? null : value.ValueKind == JsonValueKind.Object ? new ConfigKeys(value, _path) : throw Wrong(key, value, "an object");

    /// <summary>Texts of an array, or null.</summary>
    public IReadOnlyList<string>? Texts(string key) => Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : throw Wrong(key, value, "an array of texts");

    /// <summary>Whether a key is true.</summary>
    public bool Flag(string key) => Find(key) is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, value, "true or false"));

    /// <summary>Whole number of a key; without a default it must be there.</summary>
    public int Whole(string key, int? otherwise = null) => Find(key) is not { } value
        ? otherwise ?? throw new TrainerException($"{_path} has no {key}; expected a whole number.")
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Wrong(key, value, "a whole number below 2^31");

    /// <summary>Number of a key.</summary>
    public double Number(string key, double otherwise) => Find(key) is not { } value
        ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Wrong(key, value, "a number");

    /// <summary>Refuses another text than the one expected; an absent key passes.</summary>
    public void Expect(string key, string expected)
    {
        if (Text(key) is { } found && found != expected)
        {
            throw new TrainerException($"{_path} says {key} '{found}'; expected '{expected}', the only one this encoder computes.");
        }
    }

    static string Shown(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText();

    JsonElement? Find(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    TrainerException Wrong(string key, JsonElement value, string expected) => new($"{_path} says {key} {Shown(value)}; expected {expected}.");
}
