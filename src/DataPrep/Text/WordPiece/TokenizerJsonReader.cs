using System.Text.Json;

namespace DataPrep.Text.WordPiece;

/// <summary>Reads the parts of a tokenizer.json and refuses, by name, what BERT's tokenizer has not.</summary>
sealed class TokenizerJsonReader(string path)
{
    public WordPieceModel Model(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (TypeOf(model) != "null")
        {
            Expect(model, "model", "WordPiece");
        }

        Expect(root.GetProperty("pre_tokenizer"), "pre_tokenizer", "BertPreTokenizer");
        var tokens = root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array ? added.EnumerateArray().Select(Token).ToArray() : [];
        var pieces = TokenizerJson.Pieces(model.GetProperty("vocab"), path);
        var (single, pair) = new TemplateReader(path, Math.Max(pieces.Length, tokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max())).Read(root);
        return new WordPieceModel
        {
            Pieces = pieces,
            AddedTokens = tokens,
            Prefix = single.Prefix,
            Suffix = single.Suffix,
            Pair = pair,
            MaxLength = root.TryGetProperty("truncation", out var truncation) && truncation.ValueKind == JsonValueKind.Object ? truncation.GetProperty("max_length").GetInt32() : null,
            Settings = Normalizer(root.GetProperty("normalizer")) with
            {
                MaxWordLength = model.TryGetProperty("max_input_chars_per_word", out var longest) ? longest.GetInt32() : 100,
            },
            UnknownToken = model.TryGetProperty("unk_token", out var unknown) ? unknown.Text() : "[UNK]",
            ContinuationPrefix = model.TryGetProperty("continuing_subword_prefix", out var mark) ? mark.Text() : "##",
        };
    }

    AddedToken Token(JsonElement token)
    {
        var content = token.GetProperty("content").Text();
        var id = token.GetProperty("id").GetInt32();
        if (id is < 0 or >= 1 << 22)
        {
            throw new DataPrepException($"{path}: the added token \"{content}\" has the id {id}. Expected one from 0 to {(1 << 22) - 1}.");
        }

        if (Flag(token, "normalized") ?? false)
        {
            throw new DataPrepException($"{path}: the added token \"{content}\" asks to be found in normalized text, which is not supported. Expected \"normalized\": false.");
        }

        return new AddedToken(id, content, Flag(token, "special") ?? false, Flag(token, "single_word") ?? false);
    }

    WordPieceSettings Normalizer(JsonElement normalizer)
    {
        var split = false;
        if (TypeOf(normalizer) == "Sequence" && normalizer.GetProperty("normalizers").EnumerateArray().ToArray() is [var replace, var bert] && TypeOf(replace) == "Replace"
            && replace.GetProperty("pattern").TryGetProperty("Regex", out var regex) && regex.GetString() == WordPieceSettings.IdentifierBoundary
            && replace.GetProperty("content").GetString() == " ")
        {
            split = true;
            normalizer = bert;
        }

        Expect(normalizer, "normalizer", "BertNormalizer");
        return new WordPieceSettings
        {
            CleanText = Flag(normalizer, "clean_text") ?? true,
            HandleChineseChars = Flag(normalizer, "handle_chinese_chars") ?? true,
            StripAccents = Flag(normalizer, "strip_accents"),
            Lowercase = Flag(normalizer, "lowercase") ?? true,
            SplitIdentifiers = split,
        };
    }

    void Expect(JsonElement part, string name, string type)
    {
        if (TypeOf(part) != type)
        {
            throw new DataPrepException($"{path}: {name} is of type {TypeOf(part)}. Expected {type}: only BERT's WordPiece tokenizers are read here.");
        }
    }

    static string TypeOf(JsonElement part) => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) ? type.GetString() ?? "null" : "null";

    static bool? Flag(JsonElement part, string name) => part.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
}
