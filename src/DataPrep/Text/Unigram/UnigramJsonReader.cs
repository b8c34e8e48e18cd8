using System.Text.Json;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>Reads the parts of a tokenizer.json with a Unigram model and refuses, by name, what is not supported.</summary>
sealed class UnigramJsonReader(string path)
{
    public UnigramModel Model(JsonElement root)
    {
        var model = root.GetProperty("model");

        // Files of the first releases name no type; a list of pairs as vocabulary is Unigram's alone.
        if (TypeOf(model) is not ("Unigram" or "null") || model.GetProperty("vocab").ValueKind != JsonValueKind.Array)
        {
            throw new DataPrepException($"{path}: model is of type {TypeOf(model)}. Expected Unigram, with a list of pieces and scores as its vocab.");
        }

        var pieces = UnigramPieces.Check([.. model.GetProperty("vocab").EnumerateArray().Select(static piece => new UnigramPiece(piece[0].Text(), piece[1].GetDouble()))], $"{path}: model.vocab");
        if (!model.TryGetProperty("unk_id", out var unknown) || unknown.ValueKind != JsonValueKind.Number || !unknown.TryGetInt32(out var unknownId) || (uint)unknownId >= pieces.Length)
        {
            throw new DataPrepException($"{path}: model.unk_id is {(unknown.ValueKind == JsonValueKind.Undefined ? "absent" : unknown.GetRawText())}. Expected an id below {pieces.Length}, the number of pieces.");
        }

        var tokens = root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array ? added.EnumerateArray().Select(Token).ToArray() : [];
        foreach (var token in tokens)
        {
            if (token.Id < pieces.Length && pieces[token.Id].Text != token.Content)
            {
                throw new DataPrepException($"{path}: the added token \"{token.Content}\" has the id {token.Id} of the piece \"{pieces[token.Id].Text}\". Expected the same spelling, or an id after the last piece.");
            }
        }

        var (single, pair) = new TemplateReader(path, Math.Max(pieces.Length, tokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max())).Read(root);
        var metaspace = new UnigramModel
        {
            Pieces = pieces,
            UnknownId = unknownId,
            ByteFallback = Flag(model, "byte_fallback") ?? false,
            AddedTokens = tokens,
            Single = single,
            Pair = pair,
            Normalizers = new NormalizerReader(path).Read(root),
            MaxLength = root.TryGetProperty("truncation", out var truncation) && truncation.ValueKind == JsonValueKind.Object ? truncation.GetProperty("max_length").GetInt32() : null,
        };
        return WithPreTokenizer(metaspace, root.GetProperty("pre_tokenizer"));
    }

    UnigramModel WithPreTokenizer(UnigramModel model, JsonElement preTokenizer)
    {
        if (TypeOf(preTokenizer) == "Sequence" && preTokenizer.GetProperty("pretokenizers").EnumerateArray().ToArray() is [var split, var metaspace] && TypeOf(split) == "WhitespaceSplit")
        {
            model = model with { WhitespaceSplit = true };
            preTokenizer = metaspace;
        }

        if (TypeOf(preTokenizer) != "Metaspace")
        {
            throw new DataPrepException($"{path}: pre_tokenizer is of type {TypeOf(preTokenizer)}. Expected Metaspace, alone or after WhitespaceSplit: only these are supported for Unigram.");
        }

        var mark = preTokenizer.GetProperty("replacement").Text();
        var scheme = preTokenizer.TryGetProperty("prepend_scheme", out var prepend) ? prepend.GetString() : Flag(preTokenizer, "add_prefix_space") ?? true ? "always" : "never";
        if (mark.Length != 1 || mark == " " || scheme is not ("always" or "first" or "never"))
        {
            throw new DataPrepException($"{path}: pre_tokenizer has the replacement \"{mark}\" and the prepend_scheme \"{scheme}\". Expected one character and always, first or never.");
        }

        return model with
        {
            Mark = mark[0],
            Prepend = scheme switch { "always" => PrependScheme.Always, "first" => PrependScheme.First, _ => PrependScheme.Never },
            SplitAtMarks = Flag(preTokenizer, "split") ?? true,
        };
    }

    AddedToken Token(JsonElement token)
    {
        var content = token.GetProperty("content").Text();
        var id = token.GetProperty("id").GetInt32();
        if (id is < 0 or >= UnigramPieces.Most)
        {
            throw new DataPrepException($"{path}: the added token \"{content}\" has the id {id}. Expected one from 0 to {UnigramPieces.Most - 1}.");
        }

        return new AddedToken(
            id,
            content,
            Flag(token, "special") ?? false,
            Flag(token, "single_word") ?? false,
            Flag(token, "lstrip") ?? false,
            Flag(token, "rstrip") ?? false,
            Flag(token, "normalized") ?? false);
    }

    static string TypeOf(JsonElement part) => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) ? type.GetString() ?? "null" : "null";

    static bool? Flag(JsonElement part, string name) => part.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
}
