namespace DataPrep.Text.Unigram;

/// <summary>How often each marked segment of normalized text occurs in texts.</summary>
sealed class SegmentCounter(UnigramModel model) : TextCounter
{
    readonly NormalizedText normalized = new(model.Normalizers);
    readonly MarkScanner scanner = new(model.Mark);
    readonly SpanCounts segments = new();

    protected override void Add(string text)
    {
        var buffer = normalized.Of(WellFormed.Of(text)).WithHead;
        if (buffer.Length < 2)
        {
            return;
        }

        buffer.Replace(' ', model.Mark);
        buffer[0] = model.Mark;
        for (var rest = (ReadOnlySpan<char>)(buffer[1] == model.Mark ? buffer[1..] : buffer); !rest.IsEmpty;)
        {
            var count = scanner.Scan(rest, out var scanned);
            for (var i = 0; i < count; i++)
            {
                segments.Add(rest[scanner.Bounds[i]..scanner.Bounds[i + 1]]);
            }

            rest = rest[scanned..];
        }
    }

    protected override void MergeInto(Dictionary<string, long> merged) => segments.MergeInto(merged);
}
