using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Dashboard.Access;

namespace Workflow.Cli;

/// <summary><c>account token</c>: makes, lists and revokes tokens with which programs act as an account.</summary>
static class AccountCommandTokens
{
    public static Command Build(CliContext context)
    {
        var (name, reason) = (AccountCommand.NameArgument(), AccountCommand.ReasonOption());
        var days = new Option<int>("--days") { Description = "Days until it expires, 1 to 3650", DefaultValueFactory = _ => 90 };
        var note = new Option<string>("--note") { Description = "What it is for", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var list = new Option<bool>("--list") { Description = "List the account's tokens instead" };
        var revoke = new Option<string?>("--revoke") { Description = "End the token of this id instead", HelpName = "ID" };
        var command = new Command("token", "Make a token with which a program acts as an account: Authorization: Bearer TOKEN. It is shown once") { name, days, note, list, revoke, reason };
        command.SetAction(parse =>
        {
            var store = AccountCommand.StoreOf(context, parse);
            var account = store.Find(parse.GetValue(name)!) ?? throw new WorkflowException($"There is no account '{parse.GetValue(name)}'. `workflow account list` lists them.");
            if (parse.GetValue(list))
            {
                return Print(context, parse, account.Tokens);
            }

            if (parse.GetValue(revoke) is { } id)
            {
                store.RevokeToken(account.Name, id, Environment.UserName, parse.GetValue(reason)!);
                context.Error.WriteLine($"Revoked {id}.");
                return 0;
            }

            var (token, row) = store.AddToken(account.Name, parse.GetValue(note)!, parse.GetValue(days), Environment.UserName, parse.GetValue(reason)!);
            context.Error.WriteLine($"A token of {account.Name}, {account.Role.Word()}, until {HumanText.Stamp(row.Expires)} UTC. It is shown this once:");
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["token"] = token, ["id"] = row.Id, ["expires"] = row.Expires.ToString("O") });
            }
            else
            {
                context.Output.WriteLine(token);
            }

            return 0;
        });
        return command;
    }

    static int Print(CliContext context, ParseResult parse, IReadOnlyList<ApiToken> tokens)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonArray([.. tokens.Select(t => new JsonObject { ["id"] = t.Id, ["note"] = t.Note, ["created"] = t.Created.ToString("O"), ["expires"] = t.Expires.ToString("O") })]));
            return 0;
        }

        var table = new TextTable("id", "made (UTC)", "expires (UTC)", "note");
        foreach (var token in tokens)
        {
            table.Add(token.Id, HumanText.Stamp(token.Created), HumanText.Stamp(token.Expires), token.Note);
        }

        table.Write(context.Output);
        return 0;
    }
}
