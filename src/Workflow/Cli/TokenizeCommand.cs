using System.CommandLine;
using System.Text.Json.Nodes;
using DataPrep.Tables;
using Trainer.Encoders;

namespace Workflow.Cli;

/// <summary><c>tokenize</c>: texts to token ids, with special tokens, cut at the model's length, unpadded.</summary>
sealed class TokenizeCommand : ICliCommand
{
    const int Batch = 20_480;

    public Command Build(CliContext context)
    {
        var arguments = new TextArguments();
        var command = new Command("tokenize", "Turn texts into token ids: special tokens included, cut at the model's length");
        arguments.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            var files = arguments.ModelFiles(context, parse);
            var tokenizer = ModelFolder.LoadTokenizer(files);
            var (length, prompt) = ModelLength.Of(files, arguments.RoleOf(parse));
            var output = context.PathOf(parse.GetValue(arguments.Output)!);
            var rows = TextRows.Read(context.PathOf(parse.GetValue(arguments.Input)!)).Chunk(Batch)
                .SelectMany(chunk => chunk.AsParallel().AsOrdered().WithDegreeOfParallelism(parse.GetValue(arguments.Threads)).WithCancellation(cancellationToken)
                    .Select(row => (row.Id, Ids: tokenizer.Encode(prompt + row.Text, length))).ToArray());
            var count = output.EndsWith(".parquet", StringComparison.Ordinal)
                ? WriteTable(context.Tables(), output, rows, cancellationToken)
                : TextRows.Write(output, rows, (json, row) =>
                {
                    json.WriteString("id", row.Id);
                    json.WriteStartArray("ids");
                    foreach (var id in row.Ids)
                    {
                        json.WriteNumberValue(id);
                    }

                    json.WriteEndArray();
                });
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["rows"] = count, ["output"] = output });
            }
            else
            {
                context.Output.WriteLine($"{HumanText.Count(count)} rows in {output}");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    static long WriteTable(ITableStore tables, string output, IEnumerable<(string Id, int[] Ids)> rows, CancellationToken cancellationToken)
    {
        var schema = new TableSchema([new Column("id", ColumnType.String), new Column("ids", ColumnType.Int64List)]);
        var batches = rows.Chunk(Batch).Select(b => new ColumnBatch(b.Length, [b.Select(r => r.Id).ToArray(), b.Select(r => Array.ConvertAll(r.Ids, id => (long)id)).ToArray()]));
        return tables.Write(output, schema, batches, cancellationToken).Rows;
    }
}
