using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Heads;
using Row = (string Id, Trainer.Encoders.TextEmbeddings Embeddings);

namespace Workflow.Cli;

/// <summary><c>encode --heads</c>: every embedding that a model with a sparse or a multi-vector head gives, of one forward.</summary>
static class EncodeHeads
{
    // Vectors of all tokens take a thousand times the room of one per text.
    const int Batch = 256;

    static readonly Dictionary<string, HeadSet> Names = new(StringComparer.Ordinal) { ["dense"] = HeadSet.Dense, ["sparse"] = HeadSet.Sparse, ["multi-vector"] = HeadSet.MultiVector };

    public static Option<string?> Option()
    {
        var option = new Option<string?>("--heads")
        {
            Description = "Embeddings to write, with commas between: dense, sparse, multi-vector. JSONL: embedding, sparse {id: weight}, colbert [[...]]. Default: dense",
            HelpName = "LIST",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && text.Split(',').FirstOrDefault(name => !Names.ContainsKey(name)) is { } unknown)
            {
                result.AddError($"--heads names '{unknown}'. Expected some of {string.Join(", ", Names.Keys)}, with commas between.");
            }
        });
        return option;
    }

    /// <summary>The heads asked for; None where the option is not given.</summary>
    public static HeadSet Of(string? text) => text is null ? HeadSet.None : text.Split(',').Aggregate(HeadSet.None, (heads, name) => heads | Names[name]);

    public static void Run(CliContext context, ParseResult parse, TextArguments arguments, MultiHeadModel model, HeadSet heads, bool lists, CancellationToken cancellationToken)
    {
        var (role, threads, output) = (arguments.RoleOf(parse), parse.GetValue(arguments.Threads), context.PathOf(parse.GetValue(arguments.Output)!));
        var batches = TextRows.Read(context.PathOf(parse.GetValue(arguments.Input)!)).Chunk(Batch).Select(rows =>
            rows.Zip(model.Encode([.. rows.Select(r => r.Text)], role, heads, threads, cancellationToken)).Select(pair => (Row)(pair.First.Id, pair.Second)).ToArray());
        var count = output.EndsWith(".parquet", StringComparison.Ordinal)
            ? WriteTable(context.Tables(), output, heads, lists, batches, cancellationToken)
            : TextRows.Write(output, batches.SelectMany(rows => rows), WriteRow);
        var written = Names.Where(n => heads.HasFlag(n.Value)).Select(n => n.Key).ToArray();
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonObject { ["rows"] = count, ["heads"] = new JsonArray([.. written.Select(name => JsonValue.Create(name))]), ["output"] = output });
        }
        else
        {
            context.Output.WriteLine($"{HumanText.Count(count)} rows ({string.Join(", ", written)}) in {output}");
        }
    }

    static void WriteRow(Utf8JsonWriter json, Row row)
    {
        json.WriteString("id", row.Id);
        if (row.Embeddings.Dense is { } dense)
        {
            json.WritePropertyName("embedding");
            WriteVector(json, dense);
        }

        if (row.Embeddings.Sparse is { } sparse)
        {
            json.WriteStartObject("sparse");
            foreach (var (id, weight) in sparse)
            {
                json.WriteNumber(id.ToString(CultureInfo.InvariantCulture), weight);
            }

            json.WriteEndObject();
        }

        if (row.Embeddings.MultiVector is { } vectors)
        {
            json.WriteStartArray("colbert");
            foreach (var vector in vectors)
            {
                WriteVector(json, vector);
            }

            json.WriteEndArray();
        }
    }

    static void WriteVector(Utf8JsonWriter json, float[] vector)
    {
        json.WriteStartArray();
        foreach (var value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    // A table has no lists of lists: the vectors of a text's tokens stand end to end, with their number beside.
    static long WriteTable(ITableStore tables, string output, HeadSet heads, bool lists, IEnumerable<Row[]> batches, CancellationToken cancellationToken)
    {
        var vector = lists ? ColumnType.Float32List : ColumnType.Vector;
        (Column Column, HeadSet Head, Func<Row[], Array> Values)[] columns =
        [
            (new("id", ColumnType.String), HeadSet.None, rows => rows.Select(r => r.Id).ToArray()),
            (new("embedding", vector), HeadSet.Dense, rows => rows.Select(r => r.Embeddings.Dense!).ToArray()),
            (new("sparse_ids", ColumnType.Int64List), HeadSet.Sparse, rows => rows.Select(r => Array.ConvertAll(r.Embeddings.Sparse!, p => (long)p.Id)).ToArray()),
            (new("sparse_weights", ColumnType.Float32List), HeadSet.Sparse, rows => rows.Select(r => Array.ConvertAll(r.Embeddings.Sparse!, p => p.Weight)).ToArray()),
            (new("colbert_vectors", ColumnType.Int64), HeadSet.MultiVector, rows => rows.Select(r => (long)r.Embeddings.MultiVector!.Length).ToArray()),
            (new("colbert", vector), HeadSet.MultiVector, rows => rows.Select(r => r.Embeddings.MultiVector!.SelectMany(v => v).ToArray()).ToArray()),
        ];
        var written = columns.Where(c => (heads & c.Head) == c.Head).ToArray();
        var schema = new TableSchema([.. written.Select(c => c.Column)]);
        return tables.Write(output, schema, batches.Select(rows => new ColumnBatch(rows.Length, [.. written.Select(c => c.Values(rows))])), cancellationToken).Rows;
    }
}
