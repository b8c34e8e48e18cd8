using System.CommandLine;
using Trainer;
using Trainer.Encoders;

namespace Workflow.Cli;

/// <summary>The options of commands that take texts through a model: <c>--model DIR --input FILE --output FILE [--role]</c>.</summary>
sealed class TextArguments
{
    public Option<string> Model { get; } = new("--model") { Description = "Model folder, or slot:NAME for the model a named slot holds", HelpName = "DIR", Required = true };

    public Option<string> Input { get; } = new("--input") { Description = "JSONL rows {\"id\",\"text\"}", HelpName = "FILE", Required = true };

    public Option<string> Output { get; } = new("--output") { Description = "File to write, one row per input row in the same order: JSONL, or Parquet where it ends in .parquet", HelpName = "FILE", Required = true };

    public Option<string?> Role { get; } = RoleOption();

    public Option<int> Threads { get; } = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Model, Input, Output, Role, Threads })
        {
            command.Add(option);
        }
    }

    /// <summary>The files of the model that is meant.</summary>
    public FileSet ModelFiles(CliContext context, ParseResult parse) => NamedModel.Files(context, parse, parse.GetValue(Model)!);

    /// <summary>The side of retrieval asked for; null puts no prompt before the texts.</summary>
    public TextRole? RoleOf(ParseResult parse) => parse.GetValue(Role) switch { "query" => TextRole.Query, "passage" => TextRole.Passage, _ => null };

    static Option<string?> RoleOption()
    {
        var role = new Option<string?>("--role") { Description = "Side of retrieval: query or passage; without it no prompt is put before the texts" };
        role.AcceptOnlyFromAmong("query", "passage");
        return role;
    }
}
