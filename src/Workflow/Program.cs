using System.Text;
using Workflow.Cli;
using Workflow.Stages;

// The composition root: the only place that says which parts the program is made of.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var context = new CliContext(StageTable.Default, TimeProvider.System, Console.Out, Console.Error, Environment.CurrentDirectory);
return await CommandLine.RunAsync(args, context, CancellationToken.None);
