using System.Text;
using System.Text.Unicode;

namespace DataPrep.Readers;

/// <summary>Records with a delimiter between their fields (RFC 4180), with or without a header.</summary>
/// <param name="format">Name of the format, also the file ending.</param>
/// <param name="delimiter">An ASCII character.</param>
public sealed class DelimitedReader(string format, char delimiter) : ICorpusReader
{
    /// <inheritdoc/>
    public string Format => format;

    /// <inheritdoc/>
    public IReadOnlyList<string> FileNames { get; } = ["*." + format];

    /// <inheritdoc/>
    public IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken = default)
    {
        using var stream = file.Open();
        var records = new DelimitedRecords(stream, (byte)delimiter, options.Quotes);
        FieldPositions? positions = null;
        if (options.Header)
        {
            if (!records.Next())
            {
                yield break;
            }

            positions = FieldPositions.Of(file, [.. records.Fields.Select(Encoding.UTF8.GetString)], options);
        }

        for (var row = 0L; records.Next(); row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (records is { Fault: null, Fields: [{ Length: 0 }] })
            {
                continue; // a blank line is no record, but counts
            }

            positions ??= FieldPositions.Of(file, [.. Enumerable.Range(0, records.Fields.Count).Select(i => i.ToString())], options);
            yield return Row(row, records, positions, options);
        }
    }

    static RawRow Row(long row, DelimitedRecords records, FieldPositions positions, ReaderOptions options)
    {
        if (records.Fault is { } fault)
        {
            return RawRow.Rejected(row, fault.Reason, fault.Detail);
        }

        if (records.Fields.Count != positions.Count)
        {
            return RawRow.Rejected(row, RejectReason.FieldCount, $"{records.Fields.Count} fields, expected {positions.Count}");
        }

        for (var i = 0; i < records.Fields.Count; i++)
        {
            if (!Utf8.IsValid(records.Fields[i]))
            {
                return RawRow.Rejected(row, RejectReason.InvalidText, $"field {i + 1} is not UTF-8");
            }
        }

        var id = Text(positions.Id);
        var lang = Text(positions.Lang);
        return string.IsNullOrWhiteSpace(id)
            ? RawRow.Rejected(row, RejectReason.MissingId, $"no '{options.IdField}'")
            : new RawRow(row, new RawDocument(id, Text(positions.Title), Text(positions.Content), lang.Length > 0 ? lang : options.Lang, Text(positions.Group)));

        string Text(int? position) => position is { } p ? Encoding.UTF8.GetString(records.Fields[p]) : "";
    }
}
