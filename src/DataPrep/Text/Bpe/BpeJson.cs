using System.Text.Json;

namespace DataPrep.Text.Bpe;

/// <summary>A BPE tokenizer.json as Hugging Face tokenizers writes it.</summary>
static class BpeJson
{
    public static void Write(Utf8JsonWriter json, BpeModel model, BpeSettings settings)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in model.AddedTokens)
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
        WriteNormalizer(json, settings);
        WritePreTokenizer(json, settings);
        json.WriteStartObject("post_processor");
        json.WriteString("type", "RobertaProcessing");
        WriteToken(json, "sep", "</s>", model.Pieces["</s>"]);
        WriteToken(json, "cls", "<s>", model.Pieces["<s>"]);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("add_prefix_space", settings.AddsPrefixSpace);
        json.WriteEndObject();
        WriteByteLevel(json, "decoder", addPrefixSpace: true, useRegex: true);
        WriteModel(json, model);
    }

    public static void WriteConfig(Utf8JsonWriter json, BpeSettings settings, int maxLength)
    {
        json.WriteBoolean("add_prefix_space", settings.AddsPrefixSpace);
        foreach (var (name, token) in new[] { ("bos_token", "<s>"), ("cls_token", "<s>"), ("eos_token", "</s>"), ("mask_token", "<mask>"), ("pad_token", "<pad>"), ("sep_token", "</s>"), ("unk_token", "<unk>") })
        {
            json.WriteString(name, token);
        }

        json.WriteNumber("model_max_length", maxLength);

        // The class of RoBERTa may build its own steps; the general one takes tokenizer.json as it is.
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
    }

    static void WriteNormalizer(Utf8JsonWriter json, BpeSettings settings)
    {
        json.WriteStartObject("normalizer");
        if (!settings.Lowercase)
        {
            json.WriteString("type", "NFC");
            json.WriteEndObject();
            return;
        }

        json.WriteString("type", "Sequence");
        json.WriteStartArray("normalizers");
        foreach (var type in new[] { "NFC", "Lowercase" })
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WritePreTokenizer(Utf8JsonWriter json, BpeSettings settings)
    {
        if (settings.Words == BpeWords.Gpt2)
        {
            WriteByteLevel(json, "pre_tokenizer", settings.AddsPrefixSpace, useRegex: true);
            return;
        }

        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", settings.Words == BpeWords.Llama3 ? Cl100kWords.Llama3 : Cl100kWords.Qwen);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        WriteByteLevel(json, null, addPrefixSpace: false, useRegex: false);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteModel(Utf8JsonWriter json, BpeModel model)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", model.UnknownToken);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", model.FuseUnknown);
        json.WriteBoolean("byte_fallback", model.ByteFallback);
        json.WriteBoolean("ignore_merges", model.IgnoreMerges);
        json.WriteStartObject("vocab");
        foreach (var (piece, id) in model.Pieces.OrderBy(static entry => entry.Value))
        {
            json.WriteNumber(piece, id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in model.Merges)
        {
            json.WriteStringValue($"{left} {right}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteByteLevel(Utf8JsonWriter json, string? name, bool addPrefixSpace, bool useRegex)
    {
        if (name is null)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartObject(name);
        }

        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useRegex);
        json.WriteEndObject();
    }

    static void WriteToken(Utf8JsonWriter json, string name, string token, int id)
    {
        json.WriteStartArray(name);
        json.WriteStringValue(token);
        json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}
