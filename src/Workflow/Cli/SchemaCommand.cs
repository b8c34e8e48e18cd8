using System.CommandLine;
using Workflow.Jobs;

namespace Workflow.Cli;

/// <summary><c>schema</c> (hidden): the JSON Schema of job files, by which <c>jobs/schema.json</c> is made.</summary>
sealed class SchemaCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var output = new Option<string>("--output") { Description = "File to write instead of printing", HelpName = "FILE" };
        var command = new Command("schema", "Print the JSON Schema of job files") { output };
        command.Hidden = true;
        command.SetAction(parse =>
        {
            var schema = JobSchema.Generate(context.Stages);
            if (parse.GetValue(output) is { } file)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(context.PathOf(file))!);
                File.WriteAllText(context.PathOf(file), schema);
            }
            else
            {
                context.Output.Write(schema);
            }

            return 0;
        });
        return command;
    }
}
