using System.Text;
using Workflow;
using Workflow.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandLine.RunAsync(args, Composition.CommandLine(), CancellationToken.None);
