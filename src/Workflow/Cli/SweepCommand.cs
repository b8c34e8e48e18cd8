using System.CommandLine;
using System.Globalization;
using Workflow.Jobs;

namespace Workflow.Cli;

/// <summary><c>sweep JOB.yaml --stage NAME --output FILE</c>: writes a job that trains one stage at several learning rates and evaluates each.</summary>
sealed class SweepCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var job = JobArguments.Job();
        var stage = new Option<string>("--stage") { Description = "Training stage to repeat", HelpName = "NAME", Required = true };
        var rates = new Option<double[]>("--rates") { Description = "Learning rates; default: the stage's own, a third of it and a tenth of it", HelpName = "R R R", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string>("--output") { Description = "Job file to write", HelpName = "FILE", Required = true };
        var command = new Command("sweep", "Write a job that trains a stage at three learning rates and evaluates each: the stages before it are computed once") { job, stage, rates, output };
        command.SetAction(parse =>
        {
            var path = context.PathOf(parse.GetValue(job)!);
            if (JobFileReader.Read(parse.GetValue(job)!, context.Stages, [], context.CurrentFolder) is { Spec: null } reading)
            {
                throw new WorkflowException(string.Join("\n", reading.Faults));
            }

            var given = parse.GetValue(rates) ?? [];
            var (text, used) = RateSweep.Write(File.ReadAllText(path), parse.GetValue(stage)!, given);
            var file = context.PathOf(parse.GetValue(output)!);
            File.WriteAllText(file, text);
            context.Output.WriteLine($"{parse.GetValue(output)}: {parse.GetValue(stage)} at learning rates {string.Join(", ", used.Select(r => r.ToString("G3", CultureInfo.InvariantCulture)))}. Run it: workflow run {parse.GetValue(output)}");
            return 0;
        });
        return command;
    }
}
