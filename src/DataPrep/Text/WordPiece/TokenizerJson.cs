using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPrep.Text.WordPiece;

/// <summary>A WordPiece tokenizer.json: what Hugging Face tokenizers writes for BERT, and the identifier split of <see cref="WordPieceSettings.SplitIdentifiers"/> before it.</summary>
static class TokenizerJson
{
    const int MostPieces = 1 << 22, MostGaps = 1 << 16;

    /// <summary>Pieces by id from the vocabulary object, with the bounds checked.</summary>
    public static string?[] Pieces(JsonElement vocabulary, string path)
    {
        var count = vocabulary.EnumerateObject().Select(static piece => piece.Value.GetInt32() + 1L).DefaultIfEmpty().Max();
        if (count > MostPieces)
        {
            throw new DataPrepException($"{path}: model.vocab has an id of {count - 1}. Expected ids below {MostPieces}.");
        }

        // Ids may leave gaps, but a small file does not ask for a large table.
        var number = vocabulary.EnumerateObject().Count();
        if (count > MostGaps + (8L * number))
        {
            throw new DataPrepException($"{path}: model.vocab has {number} pieces and an id of {count - 1}. Expected ids without large gaps.");
        }

        var pieces = new string?[Math.Max(0, count)];
        foreach (var piece in vocabulary.EnumerateObject())
        {
            var id = piece.Value.GetInt32();
            if (id < 0 || pieces[id] is not null)
            {
                throw new DataPrepException($"{path}: model.vocab gives \"{piece.Name}\" the id {id}, which is negative or taken by \"{(id < 0 ? string.Empty : pieces[id])}\". Expected each id once.");
            }

            pieces[id] = piece.Name;
        }

        return pieces;
    }

    public static void Write(WordPieceModel model, string path) => Write(path, json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in model.AddedTokens.OrderBy(static token => token.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteNormalizer(json, model.Settings);
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();
        WriteTemplate(json, model);
        json.WriteStartObject("decoder");
        json.WriteString("type", "WordPiece");
        json.WriteString("prefix", model.ContinuationPrefix);
        json.WriteBoolean("cleanup", true);
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", model.UnknownToken);
        json.WriteString("continuing_subword_prefix", model.ContinuationPrefix);
        json.WriteNumber("max_input_chars_per_word", model.Settings.MaxWordLength);
        json.WriteStartObject("vocab");
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id] is { } piece)
            {
                json.WriteNumber(piece, id);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    public static void WriteConfig(WordPieceModel model, string path, int maxLength) => Write(path, json =>
    {
        var settings = model.Settings;
        json.WriteBoolean("do_lower_case", settings.Lowercase);
        json.WriteBoolean("tokenize_chinese_chars", settings.HandleChineseChars);
        WriteFlag(json, "strip_accents", settings.StripAccents);
        json.WriteBoolean("split_identifiers", settings.SplitIdentifiers);
        foreach (var (name, token) in new[] { ("pad_token", "[PAD]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"), ("mask_token", "[MASK]") })
        {
            if (model.AddedTokens.Any(added => added.Content == token))
            {
                json.WriteString(name, token);
            }
        }

        json.WriteString("unk_token", model.UnknownToken);
        json.WriteNumber("model_max_length", maxLength);

        // BertTokenizerFast may build its own normalizer; the general class takes tokenizer.json as it is.
        json.WriteString("tokenizer_class", settings.SplitIdentifiers ? "PreTrainedTokenizerFast" : "BertTokenizer");
    });

    static void WriteNormalizer(Utf8JsonWriter json, WordPieceSettings settings)
    {
        json.WriteStartObject("normalizer");
        if (settings.SplitIdentifiers)
        {
            json.WriteString("type", "Sequence");
            json.WriteStartArray("normalizers");
            json.WriteStartObject();
            json.WriteString("type", "Replace");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", WordPieceSettings.IdentifierBoundary);
            json.WriteEndObject();
            json.WriteString("content", " ");
            json.WriteEndObject();
            json.WriteStartObject();
        }

        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", settings.CleanText);
        json.WriteBoolean("handle_chinese_chars", settings.HandleChineseChars);
        WriteFlag(json, "strip_accents", settings.StripAccents);
        json.WriteBoolean("lowercase", settings.Lowercase);
        json.WriteEndObject();
        if (settings.SplitIdentifiers)
        {
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    static void WriteTemplate(Utf8JsonWriter json, WordPieceModel model)
    {
        if (model.Prefix.Count + model.Suffix.Count == 0)
        {
            json.WriteNull("post_processor");
            return;
        }

        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WriteParts(json, "single", model, [("A", 0)]);
        WriteParts(json, "pair", model, [("A", 0), ("B", 1)]);
        json.WriteStartObject("special_tokens");
        foreach (var id in model.Prefix.Concat(model.Suffix).Distinct().Order())
        {
            var content = model.AddedTokens.First(token => token.Id == id).Content;
            json.WriteStartObject(content);
            json.WriteString("id", content);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(content);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void WriteParts(Utf8JsonWriter json, string name, WordPieceModel model, (string Sequence, int TypeId)[] sequences)
    {
        void Part(string kind, string id, int typeId)
        {
            json.WriteStartObject();
            json.WriteStartObject(kind);
            json.WriteString("id", id);
            json.WriteNumber("type_id", typeId);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        string Content(int id) => model.AddedTokens.First(token => token.Id == id).Content;
        json.WriteStartArray(name);
        foreach (var id in model.Prefix)
        {
            Part("SpecialToken", Content(id), 0);
        }

        foreach (var (sequence, typeId) in sequences)
        {
            Part("Sequence", sequence, typeId);
            foreach (var id in model.Suffix)
            {
                Part("SpecialToken", Content(id), typeId);
            }
        }

        json.WriteEndArray();
    }

    static void WriteFlag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } flag)
        {
            json.WriteBoolean(name, flag);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Writes a JSON object, the bytes by its content alone.</summary>
    public static void Write(string path, Action<Utf8JsonWriter> body)
    {
        using var file = File.Create(path);
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
    }
}
