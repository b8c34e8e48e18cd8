using System.Text.Json;
using System.Text.Unicode;

namespace DataPrep.Readers;

/// <summary>One JSON object per line: what jsonl and beir share.</summary>
static class JsonRows
{
    internal static IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken)
    {
        using var stream = file.Open();
        var lines = new ByteLines(stream);
        for (var row = 0L; lines.Next(out var line); row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (line is { } bytes && bytes.Span.Trim(" \t\r"u8).Length == 0)
            {
                continue; // a blank line is no row, but counts
            }

            yield return line is { } present
                ? Parse(row, present.Span, options)
                : RawRow.Rejected(row, RejectReason.TooLong, $"the line is longer than {ByteLines.Longest >> 20} MiB");
        }
    }

    static RawRow Parse(long row, ReadOnlySpan<byte> line, ReaderOptions options)
    {
        if (!Utf8.IsValid(line))
        {
            return RawRow.Rejected(row, RejectReason.InvalidText, "the line is not UTF-8");
        }

        try
        {
            var json = new Utf8JsonReader(line);
            return Object(row, ref json, options);
        }
        catch (JsonException e)
        {
            return RawRow.Rejected(row, RejectReason.InvalidJson, $"not a JSON object: byte {e.BytePositionInLine} of the line");
        }
        catch (InvalidOperationException)
        {
            return RawRow.Rejected(row, RejectReason.InvalidText, "an escape of the line is half of a surrogate pair");
        }
    }

    static RawRow Object(long row, ref Utf8JsonReader json, ReaderOptions options)
    {
        string? id = null, wrong = null;
        string title = "", content = "", lang = options.Lang, group = "";
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return RawRow.Rejected(row, RejectReason.InvalidJson, $"expected a JSON object, found {json.TokenType}");
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals(options.IdField))
            {
                id = Text(ref json, options.IdField, ref wrong, numbers: true);
            }
            else if (json.ValueTextEquals(options.TitleField))
            {
                title = Text(ref json, options.TitleField, ref wrong);
            }
            else if (json.ValueTextEquals(options.ContentField))
            {
                content = Text(ref json, options.ContentField, ref wrong);
            }
            else if (options.LangField.Length > 0 && json.ValueTextEquals(options.LangField))
            {
                lang = Text(ref json, options.LangField, ref wrong);
            }
            else if (options.GroupField.Length > 0 && json.ValueTextEquals(options.GroupField))
            {
                group = Text(ref json, options.GroupField, ref wrong, numbers: true);
            }
            else
            {
                json.Skip();
            }
        }

        _ = json.Read(); // throws where something follows the object
        return wrong is not null ? RawRow.Rejected(row, RejectReason.WrongType, wrong)
            : string.IsNullOrWhiteSpace(id) ? RawRow.Rejected(row, RejectReason.MissingId, $"no '{options.IdField}'")
            : new RawRow(row, new RawDocument(id, title, content, lang, group));
    }

    static string Text(ref Utf8JsonReader json, string field, ref string? wrong, bool numbers = false)
    {
        json.Read();
        switch (json.TokenType)
        {
            case JsonTokenType.String: return json.GetString()!;
            case JsonTokenType.Null: return "";
            case JsonTokenType.Number when numbers && json.TryGetInt64(out var number): return number.ToString();
            default:
                wrong = $"'{field}' is {json.TokenType}, expected text";
                json.Skip();
                return "";
        }
    }
}
