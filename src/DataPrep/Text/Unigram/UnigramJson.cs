using System.Text.Json;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>Writes a Unigram tokenizer.json as Hugging Face tokenizers does.</summary>
static class UnigramJson
{
    public static void Write(UnigramModel model, string path) => TokenizerJson.Write(path, json =>
    {
        json.WriteString("version", "1.0");
        WriteTruncation(json, model.MaxLength);
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in model.AddedTokens.OrderBy(static token => token.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.LeftStrip);
            json.WriteBoolean("rstrip", token.RightStrip);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteNormalizer(json, model.Normalizers);
        WritePreTokenizer(json, model);
        WriteTemplate(json, model);
        json.WriteStartObject("decoder");
        WriteMetaspace(json, model);
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "Unigram");
        json.WriteNumber("unk_id", model.UnknownId);
        json.WriteBoolean("byte_fallback", model.ByteFallback);
        json.WriteStartArray("vocab");
        foreach (var piece in model.Pieces)
        {
            json.WriteStartArray();
            json.WriteStringValue(piece.Text);
            json.WriteNumberValue(piece.Score);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static void WriteConfig(UnigramModel model, string path, int maxLength) => TokenizerJson.Write(path, json =>
    {
        var names = new[] { ("bos_token", "<s>"), ("eos_token", "</s>"), ("cls_token", "<s>"), ("sep_token", "</s>"), ("pad_token", "<pad>"), ("mask_token", "<mask>") };
        foreach (var (name, token) in names)
        {
            if (model.AddedTokens.Any(added => added.Content == token))
            {
                json.WriteString(name, token);
            }
        }

        json.WriteString("unk_token", model.Pieces[model.UnknownId].Text);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteNumber("model_max_length", maxLength);
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
    });

    static void WriteTruncation(Utf8JsonWriter json, int? maxLength)
    {
        if (maxLength is not { } length)
        {
            json.WriteNull("truncation");
            return;
        }

        json.WriteStartObject("truncation");
        json.WriteString("direction", "Right");
        json.WriteNumber("max_length", length);
        json.WriteString("strategy", "LongestFirst");
        json.WriteNumber("stride", 0);
        json.WriteEndObject();
    }

    static void WriteNormalizer(Utf8JsonWriter json, IReadOnlyList<TextNormalizer> normalizers)
    {
        if (normalizers.Count == 0)
        {
            json.WriteNull("normalizer");
            return;
        }

        json.WriteStartObject("normalizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("normalizers");
        foreach (var normalizer in normalizers)
        {
            json.WriteStartObject();
            normalizer.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WritePreTokenizer(Utf8JsonWriter json, UnigramModel model)
    {
        json.WriteStartObject("pre_tokenizer");
        if (!model.WhitespaceSplit)
        {
            WriteMetaspace(json, model);
            json.WriteEndObject();
            return;
        }

        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
        json.WriteStartObject();
        WriteMetaspace(json, model);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteMetaspace(Utf8JsonWriter json, UnigramModel model)
    {
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", model.Mark.ToString());
        json.WriteString("prepend_scheme", model.Prepend switch { PrependScheme.Always => "always", PrependScheme.First => "first", _ => "never" });
        json.WriteBoolean("split", model.SplitAtMarks);
    }

    static void WriteTemplate(Utf8JsonWriter json, UnigramModel model)
    {
        string Content(int id) => model.AddedTokens.FirstOrDefault(token => token.Id == id)?.Content ?? model.Pieces[id].Text;
        var pair = model.Pair ?? TokenTemplate.Joined;
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        json.WriteStartArray("single");
        WriteSpecials(json, model.Single.Prefix, model.Single.PrefixTypes, Content);
        WritePart(json, "Sequence", "A", model.Single.FirstType);
        WriteSpecials(json, model.Single.Suffix, model.Single.SuffixTypes, Content);
        json.WriteEndArray();
        json.WriteStartArray("pair");
        WriteSpecials(json, pair.Prefix, pair.PrefixTypes, Content);
        WritePart(json, "Sequence", "A", pair.FirstType);
        WriteSpecials(json, pair.Middle, pair.MiddleTypes, Content);
        WritePart(json, "Sequence", "B", pair.SecondType);
        WriteSpecials(json, pair.Suffix, pair.SuffixTypes, Content);
        json.WriteEndArray();
        json.WriteStartObject("special_tokens");
        foreach (var id in model.Single.Prefix.Concat(model.Single.Suffix).Concat(pair.Prefix).Concat(pair.Middle).Concat(pair.Suffix).Distinct().Order())
        {
            json.WriteStartObject(Content(id));
            json.WriteString("id", Content(id));
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(Content(id));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void WriteSpecials(Utf8JsonWriter json, int[] ids, int[] types, Func<int, string> content)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            WritePart(json, "SpecialToken", content(ids[i]), types[i]);
        }
    }

    static void WritePart(Utf8JsonWriter json, string kind, string id, int type)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
