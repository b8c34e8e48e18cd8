using System.Text.Encodings.Web;
using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Encoders;

namespace Trainer.Export;

/// <summary>
/// A static model as sentence-transformers' StaticEmbedding (3.2 and later): the tokens' weights are folded into the table, exp(w_t) E_t, whose mean over a text has the direction of our sum.
/// Where queries have a side of their own, a Router (5.0 and later) sends each role to its table.
/// </summary>
static class StaticExport
{
    const string TokenizerFile = "tokenizer.json";

    /// <summary>Writes the folder's modules.</summary>
    /// <returns>Notes for whoever loads it.</returns>
    public static List<string> Write(string folder, EmbeddingModel model, FileSet files)
    {
        var (config, encoder) = (model.Config, (StaticEncoder)model.Encoder);
        var parameters = encoder.Parameters.ToDictionary(p => p.Name, p => p.Value.cpu().data<float>().ToArray(), StringComparer.Ordinal);
        List<string> notes = [];
        if (config.QuerySide == QuerySide.Shared)
        {
            var length = Math.Max(config.QueryLength, config.PassageLength);
            WriteTable(Path.Combine(folder, "0_StaticEmbedding"), files, config, Fold(parameters, config, query: false), length);
            SentenceTransformersFiles.WriteModules(folder, config.Normalize, ("0_StaticEmbedding", "StaticEmbedding"));
            if (config.QueryLength != config.PassageLength)
            {
                notes.Add($"One length serves both roles there: texts are cut after {length} tokens, here queries after {config.QueryLength} and passages after {config.PassageLength}.");
            }
        }
        else
        {
            WriteTable(Path.Combine(folder, "query_0_StaticEmbedding"), files, config, Fold(parameters, config, query: true), config.QueryLength);
            WriteTable(Path.Combine(folder, "document_0_StaticEmbedding"), files, config, Fold(parameters, config, query: false), config.PassageLength);
            WriteRouter(folder);
            SentenceTransformersFiles.WriteModules(folder, config.Normalize, ("", "Router"));
            notes.Add("Queries and passages have tables of their own: use encode_query and encode_document, of sentence-transformers 5.0 and later.");
        }

        SentenceTransformersFiles.WriteModelConfig(folder, config);
        SentenceTransformersFiles.WriteOwn(folder, config, Math.Max(config.QueryLength, config.PassageLength));
        if (!config.Normalize)
        {
            notes.Add("The embeddings are means there and sums here: their directions are equal, so cosines are, but dot products of texts of different lengths are not.");
        }

        return notes;
    }

    /// <summary>exp(w_t) E_t of a role, row-major (V, D); see <see cref="StaticEncoder"/>.</summary>
    static float[] Fold(Dictionary<string, float[]> parameters, ModelConfig config, bool query)
    {
        var own = query && config.QuerySide == QuerySide.Table;
        var (table, weights) = (parameters[own ? StaticEncoder.QueryTable : StaticEncoder.Table], parameters[own ? StaticEncoder.QueryWeights : StaticEncoder.TokenWeights]);
        var more = query && config.QuerySide == QuerySide.Weights ? parameters[StaticEncoder.QueryWeights] : null;
        var folded = new float[table.Length];
        for (var token = 0; token < weights.Length; token++)
        {
            var scale = Math.Exp((double)weights[token] + (more?[token] ?? 0));
            for (var i = token * config.Dimensions; i < (token + 1) * config.Dimensions; i++)
            {
                folded[i] = (float)(scale * table[i]);
            }
        }

        return folded;
    }

    static void WriteTable(string folder, FileSet files, ModelConfig config, float[] table, int length)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFile), [SafetensorsTensor.Floats("embedding.weight", [config.VocabularySize, config.Dimensions], table)],
            new Dictionary<string, string> { ["format"] = "pt" });
        WriteTokenizer(files[TokenizerFile], Path.Combine(folder, TokenizerFile), length);
    }

    /// <summary>The tokenizer with our length as its truncation: StaticEmbedding has no other place for it. It adds no special tokens, as we do not.</summary>
    static void WriteTokenizer(string source, string path, int length)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(source));
        using var file = File.Create(path);
        using (var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteStartObject("truncation");
            writer.WriteString("direction", "Right");
            writer.WriteNumber("max_length", length);
            writer.WriteString("strategy", "LongestFirst");
            writer.WriteNumber("stride", 0);
            writer.WriteEndObject();
            writer.WriteNull("padding");
            foreach (var member in json.RootElement.EnumerateObject().Where(m => m.Name is not ("version" or "truncation" or "padding")))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
    }

    static void WriteRouter(string folder) => JsonFile.Write(Path.Combine(folder, "router_config.json"), json =>
    {
        json.WriteStartObject("types");
        json.WriteString("query_0_StaticEmbedding", "sentence_transformers.models.StaticEmbedding");
        json.WriteString("document_0_StaticEmbedding", "sentence_transformers.models.StaticEmbedding");
        json.WriteEndObject();
        json.WriteStartObject("structure");
        foreach (var route in new[] { "query", "document" })
        {
            json.WriteStartArray(route);
            json.WriteStringValue($"{route}_0_StaticEmbedding");
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartObject("parameters");
        json.WriteString("default_route", "document");
        json.WriteBoolean("allow_empty_key", true);
        json.WriteEndObject();
    });
}
