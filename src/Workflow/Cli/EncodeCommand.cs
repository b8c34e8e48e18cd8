using System.CommandLine;
using System.Text.Json.Nodes;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Heads;
using TextBatch = (string[] Ids, float[][] Vectors);

namespace Workflow.Cli;

/// <summary><c>encode</c>: texts to embeddings, float32.</summary>
sealed class EncodeCommand : ICliCommand
{
    const int Batch = 4096;

    public Command Build(CliContext context)
    {
        var arguments = new TextArguments();
        var command = new Command("encode", "Turn texts into embeddings (float32)");
        var heads = EncodeHeads.Option();
        arguments.AddTo(command);
        command.Add(heads);
        command.SetAction((parse, cancellationToken) =>
        {
            if (EncodeHeads.Of(parse.GetValue(heads)) is not (HeadSet.None or HeadSet.Dense) and var asked)
            {
                EncodeHeads.Run(context, parse, arguments, asked, cancellationToken);
                return Task.FromResult(0);
            }

            using var model = ModelFolder.Load(arguments.ModelFiles(context, parse));
            if (model.Unused is { Count: > 0 } unused)
            {
                context.Error.WriteLine($"Not used of {parse.GetValue(arguments.Model)}: {string.Join(", ", unused)}.");
            }

            var (role, threads) = (arguments.RoleOf(parse), parse.GetValue(arguments.Threads));
            var output = context.PathOf(parse.GetValue(arguments.Output)!);
            var batches = TextRows.Read(context.PathOf(parse.GetValue(arguments.Input)!)).Chunk(Batch)
                .Select(rows => new TextBatch(rows.Select(r => r.Id).ToArray(), Encode(model, rows.Select(r => r.Text).ToArray(), role, threads, cancellationToken)));
            var count = output.EndsWith(".parquet", StringComparison.Ordinal)
                ? WriteTable(context.Tables(), output, batches, cancellationToken)
                : TextRows.Write(output, batches.SelectMany(b => b.Ids.Zip(b.Vectors)), (json, row) =>
                {
                    json.WriteString("id", row.First);
                    json.WriteStartArray("embedding");
                    foreach (var value in row.Second)
                    {
                        json.WriteNumberValue(value);
                    }

                    json.WriteEndArray();
                });
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["rows"] = count, ["dimensions"] = model.Encoder.Dimensions, ["output"] = output });
            }
            else
            {
                context.Output.WriteLine($"{HumanText.Count(count)} rows of {model.Encoder.Dimensions} dimensions in {output}");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>Without a role a text is encoded as a passage without a prompt.</summary>
    static float[][] Encode(EmbeddingModel model, string[] texts, TextRole? role, int threads, CancellationToken cancellationToken)
    {
        if (role is { } side)
        {
            return model.Encode(texts, side, threads, cancellationToken);
        }

        var bare = new EmbeddingModel(model.Config with { PassagePrompt = "" }, model.Tokenizer, model.Encoder);
        return bare.Encode(texts, TextRole.Passage, threads, cancellationToken);
    }

    static long WriteTable(ITableStore tables, string output, IEnumerable<TextBatch> batches, CancellationToken cancellationToken)
    {
        var schema = new TableSchema([new Column("id", ColumnType.String), new Column("embedding", ColumnType.Float32List)]);
        return tables.Write(output, schema, batches.Select(b => new ColumnBatch(b.Ids.Length, [b.Ids, b.Vectors])), cancellationToken).Rows;
    }
}
