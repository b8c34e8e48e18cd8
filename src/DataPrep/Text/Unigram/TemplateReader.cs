using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Reads the post_processor of a tokenizer.json: the special tokens around one text and around two.</summary>
/// <param name="path">The file.</param>
/// <param name="size">Number of ids; a template's are below it.</param>
sealed class TemplateReader(string path, int size)
{
    public (UnigramTemplate Single, UnigramTemplate? Pair) Read(JsonElement root)
    {
        if (!root.TryGetProperty("post_processor", out var processor) || processor.ValueKind == JsonValueKind.Null)
        {
            return (UnigramTemplate.Empty, UnigramTemplate.Empty);
        }

        var type = processor.GetProperty("type").GetString();
        switch (type)
        {
            case "TemplateProcessing":
                var special = processor.GetProperty("special_tokens");
                var single = Template(processor.GetProperty("single"), special, "A");
                return (single, processor.TryGetProperty("pair", out var pair) && pair.ValueKind == JsonValueKind.Array ? Template(pair, special, "AB") : null);
            case "RobertaProcessing" or "BertProcessing":
                var (cls, sep) = (Checked(processor.GetProperty("cls")[1].GetInt32()), Checked(processor.GetProperty("sep")[1].GetInt32()));
                return (new UnigramTemplate([cls], [], [sep]), new UnigramTemplate([cls], type == "BertProcessing" ? [sep] : [sep, sep], [sep]));
            default:
                throw new DataPrepException($"{path}: post_processor is of type {type}. Expected TemplateProcessing, RobertaProcessing or BertProcessing.");
        }
    }

    UnigramTemplate Template(JsonElement parts, JsonElement special, string expected)
    {
        List<int>[] ids = [[], [], []];
        var seen = string.Empty;
        foreach (var part in parts.EnumerateArray())
        {
            if (part.TryGetProperty("SpecialToken", out var token))
            {
                ids[Math.Min(seen.Length, 2)].AddRange(special.GetProperty(token.GetProperty("id").GetString()!).GetProperty("ids").EnumerateArray().Select(id => Checked(id.GetInt32())));
            }
            else
            {
                seen += part.GetProperty("Sequence").GetProperty("id").GetString();
            }
        }

        if (seen != expected)
        {
            throw new DataPrepException($"{path}: post_processor puts the texts in the order \"{seen}\". Expected \"{expected}\".");
        }

        return seen.Length == 1 ? new UnigramTemplate([.. ids[0]], [], [.. ids[1]]) : new UnigramTemplate([.. ids[0]], [.. ids[1]], [.. ids[2]]);
    }

    int Checked(int id) => (uint)id < size ? id : throw new DataPrepException($"{path}: post_processor adds the id {id}. Expected one below {size}, the size of the vocabulary.");
}
