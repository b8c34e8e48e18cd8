using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Jobs;

namespace Workflow.Cli;

/// <summary><c>validate JOB.yaml</c>: checks a job file whole.</summary>
sealed class ValidateCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var (job, sets) = (JobArguments.Job(), JobArguments.Set());
        var command = new Command("validate", "Check a job file: every fault at once, with its line") { job, sets };
        command.SetAction(parse =>
        {
            var reading = JobFileReader.Read(parse.GetValue(job)!, context.Stages, parse.GetValue(sets) ?? [], context.CurrentFolder);
            if (context.WantsJson(parse))
            {
                context.WriteJson(Json(reading));
            }
            else if (reading.Spec is { } spec)
            {
                context.Output.WriteLine($"{parse.GetValue(job)}: {spec.Name}, {spec.Stages.Count} stages, no faults.");
            }
            else
            {
                foreach (var fault in reading.Faults)
                {
                    context.Error.WriteLine(fault);
                }
            }

            return reading.Spec is not null ? 0 : 2;
        });
        return command;
    }

    static JsonObject Json(JobReading reading) => new()
    {
        ["job"] = reading.Spec?.Name,
        ["valid"] = reading.Spec is not null,
        ["faults"] = new JsonArray([.. reading.Faults.Select(f => new JsonObject { ["source"] = f.Source, ["line"] = f.Line, ["column"] = f.Column, ["path"] = f.Path, ["message"] = f.Message })]),
    };
}
