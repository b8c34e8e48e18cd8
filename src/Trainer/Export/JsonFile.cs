using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trainer.Export;

/// <summary>JSON files with equal bytes for equal contents: two blanks per level, line feeds, one at the end; ASCII alone, as old readers open files in the machine's encoding.</summary>
static class JsonFile
{
    static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.BasicLatin) };

    /// <summary>Writes a file that holds one object.</summary>
    public static void Write(string path, Action<Utf8JsonWriter> members) => WriteValue(path, json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    /// <summary>Writes a file that holds one value.</summary>
    public static void WriteValue(string path, Action<Utf8JsonWriter> value)
    {
        using var file = File.Create(path);
        using (var json = new Utf8JsonWriter(file, Options))
        {
            value(json);
        }

        file.Write(Encoding.ASCII.GetBytes("\n"));
    }
}
