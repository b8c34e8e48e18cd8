using System.CommandLine;
using System.Text.Json.Nodes;
using DataPrep;
using DataPrep.Tables;
using Trainer;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Heads;

namespace Workflow.Cli;

/// <summary><c>encode</c>: texts to embeddings, float32, in memory that does not grow with their number.</summary>
sealed class EncodeCommand : ICliCommand
{
    const int Rows = 2048;

    public Command Build(CliContext context)
    {
        var arguments = new TextArguments();
        var command = new Command("encode", "Turn texts into embeddings (float32)");
        var heads = EncodeHeads.Option();
        arguments.AddTo(command);
        var precision = new Option<string>("--dtype") { Description = "Numbers that a transformer computes with: fp32 or bf16", DefaultValueFactory = _ => "fp32" };
        precision.AcceptOnlyFromAmong("fp32", "bf16");
        var pooling = new Option<string?>("--pooling") { Description = $"How token vectors become one, for a transformer whose folder does not say: {string.Join(", ", PoolingNames.All)}" };
        var normalize = new Option<bool?>("--normalize") { Description = "Whether embeddings are scaled to length one, for a transformer whose folder does not say" };
        var lists = new Option<bool>("--lists") { Description = "Write Parquet embeddings as lists of floats instead of 4 plain bytes per number (several times slower)" };
        foreach (var option in new Option[] { heads, precision, pooling, normalize, lists })
        {
            command.Add(option);
        }

        command.SetAction((parse, cancellationToken) =>
        {
            var files = arguments.ModelFiles(context, parse);
            var config = Config(files, parse.GetValue(pooling), parse.GetValue(normalize));
            var numbers = parse.GetValue(precision) == "bf16" ? Precision.Bf16 : Precision.Fp32;
            if (EncodeHeads.Of(parse.GetValue(heads)) is not (HeadSet.None or HeadSet.Dense) and var asked)
            {
                using var several = MultiHeadModel.Load(files, config);
                several.Model.Encoder.Precision = numbers;
                EncodeHeads.Run(context, parse, arguments, several, asked, parse.GetValue(lists), cancellationToken);
                return Task.FromResult(0);
            }

            using var model = ModelFolder.Load(files, config);
            model.Encoder.Precision = numbers;
            if (model.Unused is { Count: > 0 } unused)
            {
                context.Error.WriteLine($"Not used of {parse.GetValue(arguments.Model)}: {string.Join(", ", unused)}.");
            }

            var (role, threads) = (arguments.RoleOf(parse), parse.GetValue(arguments.Threads));
            var output = context.PathOf(parse.GetValue(arguments.Output)!);
            // Without a role a text is encoded as a passage without a prompt.
            var bare = role is null ? new EmbeddingModel(model.Config with { PassagePrompt = "" }, model.Tokenizer, model.Encoder) : model;
            var rows = CorpusEncoder.Run(bare, TextRows.Read(context.PathOf(parse.GetValue(arguments.Input)!)).Select(r => (r.Id, r.Text)), role ?? TextRole.Passage, threads, cancellationToken: cancellationToken);
            var count = output.EndsWith(".parquet", StringComparison.Ordinal)
                ? WriteTable(context.Tables(), output, rows, parse.GetValue(lists), cancellationToken)
                : TextRows.Write(output, rows, (json, row) =>
                {
                    json.WriteString("id", row.Id);
                    json.WriteStartArray("embedding");
                    foreach (var value in row.Vector)
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

    /// <summary>What a transformer's folder leaves unsaid may be said on the command line; what it says may not be contradicted there.</summary>
    internal static ModelConfig? Config(FileSet files, string? pooling, bool? normalize)
    {
        if (pooling is null && normalize is null)
        {
            return null;
        }

        if (!ModelFolder.IsTransformer(files))
        {
            throw new WorkflowException($"{files.Label} is a static model, which pools and normalises in one way; --pooling and --normalize are for transformers.");
        }

        var use = new ModelUse { Pooling = pooling is null ? null : PoolingNames.Parse(pooling), Normalize = normalize };
        var (config, found) = CompatibilityGate.Decide(ModelSettings.Read(files), use);
        return found.Count == 0 ? config : throw new WorkflowException(
            $"The command contradicts the model ({files.Label}): {string.Join("; ", found)}. Leave --pooling and --normalize out to use the model as it was made.");
    }

    static long WriteTable(ITableStore tables, string output, IEnumerable<Embedding> rows, bool lists, CancellationToken cancellationToken)
    {
        var schema = new TableSchema([new Column("id", ColumnType.String), new Column("embedding", lists ? ColumnType.Float32List : ColumnType.Vector)]);
        return tables.Write(output, schema, rows.Chunk(Rows).Select(b => new ColumnBatch(b.Length, [b.Select(r => r.Id).ToArray(), b.Select(r => r.Vector).ToArray()])), cancellationToken).Rows;
    }
}
