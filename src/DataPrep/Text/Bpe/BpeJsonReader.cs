using System.Text.Json;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>Reads the parts of a tokenizer.json with a BPE model and refuses, by name, what is not supported.</summary>
sealed class BpeJsonReader(string path)
{
    const int MostPieces = BpeMerges.Most, LongestPiece = 1 << 12;

    public BpeModel Model(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (model.TryGetProperty("dropout", out var dropout) && dropout.ValueKind != JsonValueKind.Null && dropout.GetDouble() != 0)
        {
            throw new DataPrepException($"{path}: model.dropout is {dropout.GetRawText()}. Expected null or 0: ids are the same each time.");
        }

        var pieces = Pieces(model.GetProperty("vocab"), $"{path}: model.vocab");
        var tokens = AddedTokens(root, pieces);
        var size = pieces.Values.Concat(tokens.Select(static token => token.Id)).DefaultIfEmpty(-1).Max() + 1;
        var (single, pair) = new TemplateReader(path, size).Read(root);
        var (words, byteLevel) = new WordStepReader(path).Read(root);
        return new BpeModel
        {
            Pieces = pieces,
            Merges = Merges(model.GetProperty("merges"), $"{path}: model.merges"),
            UnknownToken = Text(model, "unk_token"),
            FuseUnknown = Flag(model, "fuse_unk"),
            ContinuationPrefix = Text(model, "continuing_subword_prefix") ?? string.Empty,
            EndOfWordSuffix = Text(model, "end_of_word_suffix") ?? string.Empty,
            ByteFallback = Flag(model, "byte_fallback"),
            IgnoreMerges = Flag(model, "ignore_merges"),
            ByteLevel = byteLevel,
            AddedTokens = tokens,
            Normalizers = new NormalizerReader(path).Read(root),
            Words = words,
            Single = single,
            Pair = pair,
            MaxLength = Number(root, "truncation", "max_length", int.MaxValue),
            PadId = Number(root, "padding", "pad_id", size - 1),
        };
    }

    /// <summary>Id by piece, each id once.</summary>
    public static Dictionary<string, int> Pieces(JsonElement vocabulary, string source)
    {
        var count = vocabulary.GetPropertyCount();
        if (count > MostPieces)
        {
            throw new DataPrepException($"{source} has {count} pieces. Expected at most {MostPieces}.");
        }

        var pieces = new Dictionary<string, int>(count, StringComparer.Ordinal);
        var ids = new HashSet<int>(count);
        foreach (var entry in vocabulary.EnumerateObject())
        {
            var id = entry.Value.GetInt32();
            if (id is < 0 or >= MostPieces || !ids.Add(id))
            {
                throw new DataPrepException($"{source} gives \"{Shown(entry.Name)}\" the id {id}, which is negative, too large or taken. Expected ids below {MostPieces}, each once.");
            }

            pieces.Add(
                entry.Name.Length <= LongestPiece
                    ? entry.Name
                    : throw new DataPrepException($"{source} has a piece of {entry.Name.Length} characters, \"{Shown(entry.Name)}\". Expected at most {LongestPiece}."),
                id);
        }

        return pieces;
    }

    /// <summary>One merge from a line such as "a b".</summary>
    public static (string Left, string Right) Merge(string line, int number, string source)
    {
        var parts = line.Split(' ');
        return parts is [var left, var right]
            ? (left, right)
            : throw new DataPrepException($"{source}: merge {number} is \"{Shown(line)}\". Expected two pieces with a blank between them.");
    }

    static List<(string Left, string Right)> Merges(JsonElement merges, string source)
    {
        if (merges.GetArrayLength() > MostPieces)
        {
            throw new DataPrepException($"{source} has {merges.GetArrayLength()} entries. Expected at most {MostPieces}.");
        }

        var read = new List<(string Left, string Right)>(merges.GetArrayLength());
        foreach (var merge in merges.EnumerateArray())
        {
            if (merge.ValueKind == JsonValueKind.String)
            {
                var line = merge.GetString()!;
                if (!line.StartsWith("#version", StringComparison.Ordinal))
                {
                    read.Add(Merge(line, read.Count, source));
                }

                continue;
            }

            if (merge.GetArrayLength() != 2)
            {
                throw new DataPrepException($"{source}: merge {read.Count} has {merge.GetArrayLength()} pieces. Expected two.");
            }

            read.Add((merge[0].GetString() ?? throw Null(), merge[1].GetString() ?? throw Null()));
            DataPrepException Null() => new($"{source}: merge {read.Count} has null for a piece. Expected two pieces.");
        }

        return read;
    }

    // Hugging Face takes the id of the vocabulary, else the next free one, whatever the file says: a file that says otherwise would give other ids there.
    AddedToken[] AddedTokens(JsonElement root, Dictionary<string, int> pieces)
    {
        if (!root.TryGetProperty("added_tokens", out var added) || added.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        var tokens = new List<AddedToken>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = pieces.Count;
        foreach (var token in added.EnumerateArray())
        {
            var content = token.GetProperty("content").GetString() ?? string.Empty;
            var id = token.GetProperty("id").GetInt32();
            if (content.Length == 0)
            {
                continue;
            }

            if (!seen.Add(content) || content.Length > LongestPiece)
            {
                throw new DataPrepException($"{path}: the added token \"{Shown(content)}\" stands twice or has more than {LongestPiece} characters. Expected each once.");
            }

            var expected = pieces.TryGetValue(content, out var known) ? known : next++;
            if (id != expected)
            {
                throw new DataPrepException($"{path}: the added token \"{Shown(content)}\" has the id {id}. Expected {expected}, its id in the vocabulary or the next after the {pieces.Count} pieces.");
            }

            tokens.Add(new AddedToken(id, content, Flag(token, "special"), Flag(token, "single_word"), Flag(token, "lstrip"), Flag(token, "rstrip"), Flag(token, "normalized")));
        }

        return [.. tokens];
    }

    int? Number(JsonElement root, string part, string name, int most)
    {
        if (!root.TryGetProperty(part, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var number = value.GetProperty(name).GetInt32();
        return number >= 0 && number <= most ? number : throw new DataPrepException($"{path}: {part}.{name} is {number}. Expected 0 to {most}.");
    }

    static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "\u2026";

    static string? Text(JsonElement part, string name) => part.TryGetProperty(name, out var text) ? text.GetString() : null;

    static bool Flag(JsonElement part, string name) => part.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
