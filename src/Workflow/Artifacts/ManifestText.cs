using System.Text.Json;

namespace Workflow.Artifacts;

/// <summary>Manifests as canonical JSON, their hash and their logical hash.</summary>
public static class ManifestText
{
    /// <summary>
    /// Canonical JSON: <c>{"format","kind","members":[{"hash","logical","name","rows"?,"size"}],"meta":{}}</c>, members by name (ordinal). The SHA-256 of these bytes is the artifact's id.
    /// </summary>
    public static string Write(Manifest manifest) => CanonicalJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("format", manifest.Format);
        json.WriteString("kind", manifest.Kind);
        json.WriteStartArray("members");
        foreach (var member in manifest.Members.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("hash", member.Hash);
            json.WriteString("logical", member.Logical);
            json.WriteString("name", member.Name);
            if (member.Rows is { } rows)
            {
                json.WriteNumber("rows", rows);
            }

            json.WriteNumber("size", member.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteMeta(json, manifest);
        json.WriteEndObject();
    });

    /// <summary>The artifact's id: SHA-256 of <see cref="Write(Manifest)"/>.</summary>
    public static string Id(Manifest manifest) => CanonicalJson.Hash(Write(manifest));

    /// <summary>Hash of kind, format, member names, their logical hashes and the facts: equal data, equal hash, whatever the codec.</summary>
    public static string Logical(Manifest manifest) => CanonicalJson.Hash(CanonicalJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("format", manifest.Format);
        json.WriteString("kind", manifest.Kind);
        json.WriteStartArray("members");
        foreach (var member in manifest.Members.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            json.WriteStringValue(member.Name);
            json.WriteStringValue(member.Logical);
        }

        json.WriteEndArray();
        WriteMeta(json, manifest);
        json.WriteEndObject();
    }));

    /// <summary>Reads a manifest back.</summary>
    /// <exception cref="WorkflowException">Not a manifest.</exception>
    public static Manifest Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var meta = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in root.GetProperty("meta").EnumerateObject())
            {
                meta[property.Name] = property.Value.GetString()!;
            }

            return new Manifest
            {
                Kind = root.GetProperty("kind").GetString()!,
                Format = root.GetProperty("format").GetInt32(),
                Members = [.. root.GetProperty("members").EnumerateArray().Select(Member)],
                Meta = meta,
            };
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new WorkflowException($"Not a manifest: {fault.Message} Expected the JSON of docs/artifacts.md.", inner: fault);
        }
    }

    static ManifestMember Member(JsonElement e) => new(
        e.GetProperty("name").GetString()!,
        e.GetProperty("hash").GetString()!,
        e.GetProperty("size").GetInt64(),
        e.TryGetProperty("rows", out var rows) ? rows.GetInt64() : null,
        e.GetProperty("logical").GetString()!);

    static void WriteMeta(Utf8JsonWriter json, Manifest manifest)
    {
        json.WriteStartObject("meta");
        foreach (var (key, value) in manifest.Meta)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
