using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Workflow.Dashboard.Api.Shapes;

/// <summary>How the API and the command line's <c>--json</c> write: snake_case, nulls written, times in UTC with seven places, text as it is.</summary>
static class ApiJson
{
    /// <summary>For answers, and for reading them: what a newer server adds is passed over.</summary>
    public static JsonSerializerOptions Answers { get; } = Configure(new JsonSerializerOptions());

    /// <summary>For what is sent to act: an unknown key is an error.</summary>
    public static JsonSerializerOptions Requests { get; } = new(Answers) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, MaxDepth = 16 };

    /// <summary>Sets all of it on given options.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new UtcStamp());
        return options;
    }

    /// <summary>One compact line.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Answers);

    /// <summary>"2026-11-21T12:00:05.1234567Z".</summary>
    sealed class UtcStamp : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time
                : throw new JsonException("Expected a time such as 2026-11-21T12:00:05Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime.ToString("O"));
    }
}
