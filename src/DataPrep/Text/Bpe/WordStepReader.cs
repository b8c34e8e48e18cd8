using System.Text.Json;
using DataPrep.Text.Unigram;

namespace DataPrep.Text.Bpe;

/// <summary>Reads the pre_tokenizer of a tokenizer.json into steps and refuses, by name, what is not supported.</summary>
sealed class WordStepReader(string path)
{
    const int MostSteps = 64;

    readonly List<WordStep> steps = [];
    bool byteLevel;
    int read;

    public (IReadOnlyList<WordStep> Steps, bool ByteLevel) Read(JsonElement root)
    {
        if (root.TryGetProperty("pre_tokenizer", out var preTokenizer) && preTokenizer.ValueKind != JsonValueKind.Null)
        {
            Append(preTokenizer);
        }

        return (steps, byteLevel);
    }

    void Append(JsonElement step)
    {
        if (++read > MostSteps)
        {
            throw new DataPrepException($"{path}: pre_tokenizer has more than {MostSteps} steps. Expected at most that many.");
        }

        var type = step.GetProperty("type").GetString();
        if (byteLevel)
        {
            throw new DataPrepException($"{path}: pre_tokenizer has a step of type {type} after ByteLevel. Expected ByteLevel to be the last.");
        }

        switch (type)
        {
            case "Sequence":
                foreach (var part in step.GetProperty("pretokenizers").EnumerateArray())
                {
                    Append(part);
                }

                break;
            case "ByteLevel":
                byteLevel = true;
                var words = Flag(step, "use_regex", true) ? new Gpt2Words() : null;
                if (Flag(step, "add_prefix_space", true))
                {
                    steps.Add(new PrefixSpaceStep(words));
                }
                else if (words is not null)
                {
                    steps.Add(words);
                }

                break;
            case "Split":
                steps.Add(Split(step));
                break;
            case "Digits":
                steps.Add(new DigitsStep(Flag(step, "individual_digits", false)));
                break;
            case "Metaspace":
                steps.Add(Metaspace(step));
                break;
            case "WhitespaceSplit":
                steps.Add(new WhitespaceStep());
                break;
            default:
                throw new DataPrepException(
                    $"{path}: pre_tokenizer has a step of type {type}. Expected Sequence, ByteLevel, Split, Digits, Metaspace or WhitespaceSplit: only these are supported for BPE.");
        }
    }

    WordStep Split(JsonElement step)
    {
        var name = step.GetProperty("behavior").GetString();
        if (!Enum.TryParse<SplitBehavior>(name, out var behavior) || !Enum.IsDefined(behavior) || char.IsAsciiDigit(name![0]))
        {
            throw new DataPrepException($"{path}: pre_tokenizer splits with the behavior \"{name}\". Expected {string.Join(", ", Enum.GetNames<SplitBehavior>())}.");
        }

        var (invert, pattern) = (Flag(step, "invert", false), step.GetProperty("pattern"));
        var source = $"{path}: pre_tokenizer";
        if (!pattern.TryGetProperty("Regex", out var regex))
        {
            return new SplitStep(TextPattern.Plain(pattern.GetProperty("String").GetString()!, source), behavior, invert);
        }

        // These match everything, so that what they do not match is nothing.
        var everything = (behavior, invert) is (SplitBehavior.Isolated, _) or (SplitBehavior.Removed, true);
        return regex.GetString()! switch
        {
            Gpt2Words.Pattern when everything => new Gpt2Words(),
            Cl100kWords.Llama3 when everything => new Cl100kWords(3),
            Cl100kWords.Qwen when everything => new Cl100kWords(1),
            var other => new SplitStep(TextPattern.Regular(other, source), behavior, invert),
        };
    }

    MetaspaceStep Metaspace(JsonElement step)
    {
        var mark = step.GetProperty("replacement").GetString()!;
        var scheme = step.TryGetProperty("prepend_scheme", out var prepend) ? prepend.GetString() : Flag(step, "add_prefix_space", true) ? "always" : "never";
        if (mark.Length != 1 || mark == " " || scheme is not ("always" or "first" or "never"))
        {
            throw new DataPrepException($"{path}: pre_tokenizer has the replacement \"{mark}\" and the prepend_scheme \"{scheme}\". Expected one character and always, first or never.");
        }

        return new MetaspaceStep(mark[0], scheme switch { "always" => PrependScheme.Always, "first" => PrependScheme.First, _ => PrependScheme.Never }, Flag(step, "split", true));
    }

    static bool Flag(JsonElement part, string name, bool otherwise) =>
        part.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : otherwise;
}
