using System.CommandLine;

namespace Workflow.Cli;

/// <summary>The argument of commands about one run.</summary>
static class RunArguments
{
    public static Argument<string> Run() => new("RUN") { Description = "A run's id, a unique beginning or end of it, or `last`" };
}
