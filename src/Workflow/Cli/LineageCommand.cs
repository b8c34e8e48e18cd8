using System.CommandLine;
using Workflow.Lineage;
using Workflow.Outside;
using Workflow.Outside.OpenLineage;

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
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var artifact = ledger.ResolveArtifact(parse.GetValue(reference)!);
            var graph = parse.GetValue(down) ? ledger.Down(artifact) : ledger.Up(artifact);
            if (parse.GetValue(format) == "openlineage")
            {
                foreach (var line in OpenLineageGraph.Lines(ledger, graph, OutsideSettingsReader.Namespace(context.PathsOf(parse), ledger)))
                {
                    context.Output.WriteLine(line);
                }
            }
            else if (context.WantsJson(parse) || parse.GetValue(format) == "json")
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
