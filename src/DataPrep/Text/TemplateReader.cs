using System.Text.Json;

namespace DataPrep.Text;

/// <summary>Reads the post_processor of a tokenizer.json: the special tokens around one text and around two.</summary>
/// <param name="path">The file.</param>
/// <param name="size">Number of ids; a template's are below it.</param>
sealed class TemplateReader(string path, int size)
{
    const int MostSteps = 64, MostTokens = 1024;

    int steps;

    public (TokenTemplate Single, TokenTemplate? Pair) Read(JsonElement root) =>
        root.TryGetProperty("post_processor", out var processor) && processor.ValueKind != JsonValueKind.Null
            ? Processor(processor) ?? (TokenTemplate.Empty, TokenTemplate.Joined)
            : (TokenTemplate.Empty, TokenTemplate.Joined);

    // Null where the step adds no tokens.
    (TokenTemplate Single, TokenTemplate? Pair)? Processor(JsonElement processor)
    {
        if (++steps > MostSteps)
        {
            throw new DataPrepException($"{path}: post_processor has more than {MostSteps} steps. Expected at most that many.");
        }

        var type = processor.GetProperty("type").GetString();
        switch (type)
        {
            case "TemplateProcessing":
                var special = processor.GetProperty("special_tokens");
                var single = Template(processor.GetProperty("single"), special, "A");
                return (single, processor.TryGetProperty("pair", out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() > 0 ? Template(pair, special, "AB") : null);
            case "RobertaProcessing":
                var (s, end) = (Named(processor, "cls"), Named(processor, "sep"));
                return (new TokenTemplate([s], [], [end]), new TokenTemplate([s], [end, end], [end]));
            case "BertProcessing":
                var (cls, sep) = (Named(processor, "cls"), Named(processor, "sep"));
                return (new TokenTemplate([cls], [], [sep]), new TokenTemplate([cls], [sep], [sep]) { SecondType = 1, SuffixTypes = [1] });
            case "ByteLevel":
                return null;
            case "Sequence":
                return Sequence(processor.GetProperty("processors"));
            default:
                throw new DataPrepException($"{path}: post_processor is of type {type}. Expected TemplateProcessing, RobertaProcessing, BertProcessing, ByteLevel or Sequence.");
        }
    }

    (TokenTemplate Single, TokenTemplate? Pair)? Sequence(JsonElement processors)
    {
        (TokenTemplate Single, TokenTemplate? Pair)? found = null;
        foreach (var step in processors.EnumerateArray())
        {
            if (Processor(step) is { } template)
            {
                found = found is null ? template : throw new DataPrepException($"{path}: post_processor adds special tokens in more than one of its steps. Expected one.");
            }
        }

        return found;
    }

    TokenTemplate Template(JsonElement parts, JsonElement special, string expected)
    {
        List<int>[] ids = [[], [], []], types = [[], [], []];
        var textTypes = new int[2];
        var seen = string.Empty;
        foreach (var part in parts.EnumerateArray())
        {
            if (part.TryGetProperty("SpecialToken", out var token))
            {
                var place = Math.Min(seen.Length, 2);
                foreach (var id in special.GetProperty(token.GetProperty("id").GetString()!).GetProperty("ids").EnumerateArray())
                {
                    ids[place].Add(Checked(id.GetInt32()));
                    types[place].Add(TypeId(token));
                    if (ids[place].Count > MostTokens)
                    {
                        throw new DataPrepException($"{path}: post_processor adds more than {MostTokens} special tokens at one place. Expected a few.");
                    }
                }
            }
            else if (seen.Length < 2)
            {
                var sequence = part.GetProperty("Sequence");
                textTypes[seen.Length] = TypeId(sequence);
                seen += sequence.GetProperty("id").GetString();
            }
            else
            {
                throw new DataPrepException($"{path}: post_processor puts in more than two texts. Expected \"{expected}\".");
            }
        }

        if (seen != expected)
        {
            throw new DataPrepException($"{path}: post_processor puts the texts in the order \"{seen}\". Expected \"{expected}\".");
        }

        var last = seen.Length;
        return new TokenTemplate([.. ids[0]], last == 1 ? [] : [.. ids[1]], [.. ids[last]])
        {
            PrefixTypes = [.. types[0]],
            MiddleTypes = last == 1 ? [] : [.. types[1]],
            SuffixTypes = [.. types[last]],
            FirstType = textTypes[0],
            SecondType = textTypes[1],
        };
    }

    int Named(JsonElement processor, string name) => Checked(processor.GetProperty(name)[1].GetInt32());

    static int TypeId(JsonElement part) => part.TryGetProperty("type_id", out var type) ? type.GetInt32() : 0;

    int Checked(int id) => (uint)id < size ? id : throw new DataPrepException($"{path}: post_processor adds the id {id}. Expected one below {size}, the size of the vocabulary.");
}
