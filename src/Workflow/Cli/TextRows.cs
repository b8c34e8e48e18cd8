using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Workflow.Cli;

/// <summary>A row of an input file: a text and its id.</summary>
readonly record struct TextRow(string Id, string Text);

/// <summary>Reads and writes JSONL rows of texts, one row in, one row out, in order.</summary>
static class TextRows
{
    static readonly JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Rows <c>{"id","text"}</c>, texts as they stand; an id may be a number. Blank lines are none.</summary>
    /// <exception cref="WorkflowException">The file is missing, or a line is no such row.</exception>
    public static IEnumerable<TextRow> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new WorkflowException($"There is no file '{path}'. Expected JSONL rows {{\"id\": ..., \"text\": ...}}.");
        }

        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (var number = 1; Line(reader, path, number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Row(line, path, number);
            }
        }
    }

    /// <summary>Writes one object per row; the file appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="body">Writes the properties of a row.</param>
    /// <returns>Number of rows.</returns>
    public static long Write<T>(string path, IEnumerable<T> rows, Action<Utf8JsonWriter, T> body)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = path + ".partial";
        long count = 0;
        try
        {
            using (var file = new FileStream(partial, FileMode.Create))
            using (var json = new Utf8JsonWriter(file, options))
            {
                foreach (var row in rows)
                {
                    json.WriteStartObject();
                    body(json, row);
                    json.WriteEndObject();
                    json.Flush();
                    json.Reset();
                    file.WriteByte((byte)'\n');
                    count++;
                }
            }

            File.Move(partial, path, overwrite: true);
            return count;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    static string? Line(StreamReader reader, string path, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw new WorkflowException($"{path}, at line {number} or a little later: found bytes that are not UTF-8; expected JSONL in UTF-8.");
        }
    }

    static TextRow Row(string line, string path, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
                && root.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
            {
                return new TextRow(id.ToString(), text.GetString()!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new WorkflowException($"{path}:{number}: found a line that is not JSON ({e.Message}); expected {{\"id\": ..., \"text\": ...}}.");
        }

        throw new WorkflowException($"{path}:{number}: found a row without \"id\" and \"text\"; expected {{\"id\": ..., \"text\": ...}}.");
    }
}
