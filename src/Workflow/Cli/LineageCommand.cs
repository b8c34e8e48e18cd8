using System.CommandLine;
using Workflow.Lineage;

namespace Workflow.Cli;

/// <summary><c>lineage REF --up|--down</c>: what an artifact was made from, or what was made from it.</summary>
sealed class LineageCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var reference = new Argument<string>("REF") { Description = "An artifact's hash or a unique beginning of it, RUN/STAGE.SLOT, or STAGE.SLOT of the newest run" };
        var up = new Option<bool>("--up") { Description = "What it was made from (the default)" };
        var down = new Option<bool>("--down") { Description = "What was made from it" };
        var format = new Option<string>("--format") { Description = "text, json, dot (Graphviz), or openlineage (run events, one per line)", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "dot", "openlineage");
        var command = new Command("lineage", "Trace an artifact up to its sources or down to what was made from it") { reference, up, down, format };
        command.Validators.Add(result =>
        {
            if (result.GetValue(up) && result.GetValue(down))
            {
                result.AddError("'--up' and '--down' exclude each other: give one.");
            }
        });
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var (artifact, toDown) = (parse.GetValue(reference)!, parse.GetValue(down));
            if (parse.GetValue(format) == "openlineage")
            {
                foreach (var line in await reads.OpenLineageAsync(artifact, toDown, cancellationToken))
                {
                    context.Output.WriteLine(line);
                }

                return 0;
            }

            var graph = await reads.LineageAsync(artifact, toDown, cancellationToken);
            if (context.WantsJson(parse) || parse.GetValue(format) == "json")
            {
                context.WriteJson(LineageText.ToJson(graph));
            }
            else
            {
                context.Output.WriteLine((parse.GetValue(format) == "dot" ? LineageText.ToDot(graph) : LineageText.Tree(graph)).TrimEnd());
            }

            return 0;
        });
        return command;
    }
}
