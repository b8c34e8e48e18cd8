using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Dashboard.Access;

namespace Workflow.Cli;

/// <summary><c>account</c>: who may sign in at a dashboard beyond this machine, and tokens for programs.</summary>
sealed class AccountCommand : ICliCommand
{
    public Command Build(CliContext context) => new("account", "Manage who may sign in at the dashboard, and tokens for programs") { List(context), Add(context), Role(context), Password(context), Remove(context), AccountCommandTokens.Build(context) };

    /// <summary>The name of an account.</summary>
    public static Argument<string> NameArgument() => new("NAME") { Description = "An account" };

    /// <summary>Why, for the audit.</summary>
    public static Option<string> ReasonOption() => new("--reason") { Description = "Why; the audit keeps it", HelpName = "TEXT", DefaultValueFactory = _ => "on the command line" };

    /// <summary>The accounts of the home.</summary>
    public static AccountStore StoreOf(CliContext context, ParseResult parse)
    {
        var store = new AccountStore(context.PathsOf(parse), context.Time);
        store.RequireOwnerOnly();
        return store;
    }

    static Command List(CliContext context)
    {
        var command = new Command("list", "List accounts");
        command.SetAction(parse =>
        {
            var accounts = StoreOf(context, parse).All;
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonArray([.. accounts.Select(a => new JsonObject { ["name"] = a.Name, ["role"] = a.Role.Word(), ["created"] = a.Created.ToString("O"), ["tokens"] = a.Tokens.Count })]));
            }
            else if (accounts.Count == 0)
            {
                context.Output.WriteLine("No account yet. Add one: workflow account add NAME --role admin");
            }
            else
            {
                var table = new TextTable("name", "role", "since (UTC)", "tokens").Right(3);
                foreach (var account in accounts)
                {
                    table.Add(account.Name, account.Role.Word(), HumanText.Stamp(account.Created), account.Tokens.Count.ToString());
                }

                table.Write(context.Output);
            }

            return 0;
        });
        return command;
    }

    static Command Add(CliContext context)
    {
        var (name, role, reason) = (NameArgument(), RoleOption(), ReasonOption());
        var command = new Command("add", "Add an account; its password is read from the terminal, or from standard input's first line") { name, role, reason };
        command.SetAction(parse =>
        {
            StoreOf(context, parse).Add(parse.GetValue(name)!, RoleWords.Require(parse.GetValue(role)), AccountCommandPassword.Read(context), Environment.UserName, parse.GetValue(reason)!);
            return Tell(context, $"Added {parse.GetValue(name)} as {parse.GetValue(role)}.");
        });
        return command;
    }

    static Command Role(CliContext context)
    {
        var (name, reason) = (NameArgument(), ReasonOption());
        var role = new Argument<string>("ROLE") { Description = "viewer looks, operator acts, admin manages accounts and what is kept" };
        role.AcceptOnlyFromAmong([.. RoleWords.All]);
        var command = new Command("role", "Give an account another role; it counts at its next request") { name, role, reason };
        command.SetAction(parse =>
        {
            StoreOf(context, parse).SetRole(parse.GetValue(name)!, RoleWords.Require(parse.GetValue(role)), Environment.UserName, parse.GetValue(reason)!);
            return Tell(context, $"{parse.GetValue(name)} is {parse.GetValue(role)} from its next request on.");
        });
        return command;
    }

    static Command Password(CliContext context)
    {
        var (name, reason) = (NameArgument(), ReasonOption());
        var command = new Command("password", "Give an account another password; its sessions end, its tokens stay") { name, reason };
        command.SetAction(parse =>
        {
            var store = StoreOf(context, parse);
            var account = store.Find(parse.GetValue(name)!) ?? throw new WorkflowException($"There is no account '{parse.GetValue(name)}'. `workflow account list` lists them.");
            store.SetPassword(account.Name, AccountCommandPassword.Read(context), Environment.UserName, parse.GetValue(reason)!);
            return Tell(context, $"The password of {account.Name} was changed; its sessions have ended.");
        });
        return command;
    }

    static Command Remove(CliContext context)
    {
        var (name, reason) = (NameArgument(), ReasonOption());
        var command = new Command("remove", "Remove an account; its sessions and tokens end") { name, reason };
        command.SetAction(parse =>
        {
            StoreOf(context, parse).Remove(parse.GetValue(name)!, Environment.UserName, parse.GetValue(reason)!);
            return Tell(context, $"Removed {parse.GetValue(name)}.");
        });
        return command;
    }

    static Option<string> RoleOption()
    {
        var role = new Option<string>("--role") { Description = "viewer looks, operator acts, admin manages accounts and what is kept", DefaultValueFactory = _ => "viewer" };
        role.AcceptOnlyFromAmong([.. RoleWords.All]);
        return role;
    }

    static int Tell(CliContext context, string what)
    {
        context.Error.WriteLine(what);
        return 0;
    }
}
