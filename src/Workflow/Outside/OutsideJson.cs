using System.Text.Encodings.Web;
using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>Values as the outside reads them.</summary>
static class OutsideJson
{
    /// <summary>One line, only what must be escaped is escaped.</summary>
    public static JsonWriterOptions Writer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same for whole trees.</summary>
    public static JsonSerializerOptions Serializer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>RFC 3339 in UTC with microseconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");

    /// <summary>The detail an event carries, or null.</summary>
    public static string? Detail(EventRow e)
    {
        if (e.Payload is null)
        {
            return null;
        }

        using var payload = JsonDocument.Parse(e.Payload);
        return payload.RootElement.ValueKind == JsonValueKind.Object && payload.RootElement.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String ? detail.GetString() : null;
    }
}
