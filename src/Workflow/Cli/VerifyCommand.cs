using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>verify [RUN]</c>: hashes everything committed again.</summary>
sealed class VerifyCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = new Argument<string?>("RUN") { Description = "Only what this run read and made", Arity = ArgumentArity.ZeroOrOne };
        var quarantine = new Option<bool>("--quarantine") { Description = "Take damaged files out, so that the next run computes them again" };
        var command = new Command("verify", "Hash every committed file again and compare") { run, quarantine };
        command.SetAction((parse, cancellationToken) =>
        {
            var paths = context.PathsOf(parse);
            using var reading = context.OpenRead(parse);
            using var ledger = parse.GetValue(quarantine) ? LedgerDb.Open(paths.Ledger, context.Time) : context.OpenRead(parse);
            var id = parse.GetValue(run) is { } reference ? reading.ResolveRun(reference) : null;
            var report = Verifier.Verify(ledger, new ArtifactStore(paths), id, parse.GetValue(quarantine), null, cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteJson(Json(report));
            }
            else
            {
                Print(report, context.Output);
            }

            return Task.FromResult(report.Clean ? 0 : 1);
        });
        return command;
    }

    static void Print(VerifyReport report, TextWriter output)
    {
        foreach (var problem in report.Problems)
        {
            var where = problem.RunId is null ? "" : $": {problem.NodeId} {problem.File} of run {problem.RunId}";
            output.WriteLine($"{problem.Problem} {HumanText.Short(problem.Hash)}{where}{(problem.Quarantine is { } aside ? $"; moved to {aside}" : "")}");
        }

        if (report.Strays.Count > 0)
        {
            output.WriteLine($"{report.Strays.Count} files in the store belong to nothing committed (harmless; `workflow gc` removes them).");
        }

        output.WriteLine(report.Clean
            ? $"{report.Blobs} files ({HumanText.Bytes(report.Bytes)}) are whole."
            : $"{report.Problems.Count} of {report.Blobs} files are damaged or missing: `workflow verify --quarantine` takes them out, and the next run computes them again.");
    }

    static JsonObject Json(VerifyReport report) => new()
    {
        ["clean"] = report.Clean,
        ["blobs"] = report.Blobs,
        ["bytes"] = report.Bytes,
        ["problems"] = new JsonArray([.. report.Problems.Select(p => new JsonObject { ["hash"] = p.Hash, ["problem"] = p.Problem, ["run"] = p.RunId, ["node"] = p.NodeId, ["file"] = p.File, ["quarantine"] = p.Quarantine })]),
        ["strays"] = report.Strays.Count,
    };
}
