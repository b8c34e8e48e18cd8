using ClockHost;
using Workflow;
using Workflow.Cli;

// The workflow command under a wall clock that a test moves: CLOCK_FILE holds the seconds it is ahead of the machine's.
return await CommandLine.RunAsync(args, Composition.CommandLine(new ShiftedClock(Environment.GetEnvironmentVariable("CLOCK_FILE")!)), CancellationToken.None);
