using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Workflow.Stages;

/// <summary>A line from a child to its host. <see cref="T"/> says which: hello, describe, meta, include, reuse, progress, metric, histogram, event, log, checkpoint, end.</summary>
sealed record ChildMessage(string T)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string? Slot { get; init; }

    public string? Name { get; init; }

    public string? Key { get; init; }

    public string? Text { get; init; }

    public string? Artifact { get; init; }

    public string? Member { get; init; }

    public string? Kind { get; init; }

    public long? Rows { get; init; }

    public long Id { get; init; }

    public long Done { get; init; }

    public long Total { get; init; }

    public long Step { get; init; }

    public double Value { get; init; }

    public double? Score { get; init; }

    public double Low { get; init; }

    public double High { get; init; }

    public IReadOnlyList<long>? Counts { get; init; }

    public IReadOnlyDictionary<string, double>? Figures { get; init; }
}
