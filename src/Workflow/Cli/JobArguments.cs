using System.CommandLine;

namespace Workflow.Cli;

/// <summary>The arguments of commands that read a job file.</summary>
static class JobArguments
{
    public static Argument<string> Job() => new("JOB.yaml") { Description = "Job file" };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Replace a parameter or any value of the job: dataset=FOLDER, seed=3, stages.train.with.epochs=2; may be given several times",
        HelpName = "path=value",
    };
}
