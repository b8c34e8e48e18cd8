using System.Text;

namespace Workflow.Cli;

/// <summary>Reads a password: from the terminal without showing it, twice, or from the first line of standard input. Never from an argument, which other users of the machine could see.</summary>
static class AccountCommandPassword
{
    /// <summary>The password.</summary>
    /// <exception cref="WorkflowException">Standard input is empty, or the two differ.</exception>
    public static string Read(CliContext context)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() is { Length: > 0 } line ? line : throw new WorkflowException("No password was given: type it at a terminal, or write it to standard input as its first line.", exitCode: 2);
        }

        var password = Typed(context, "Password (12 characters at least): ");
        return Typed(context, "Once more: ") == password ? password : throw new WorkflowException("The two passwords differ. Nothing was changed.", exitCode: 2);
    }

    static string Typed(CliContext context, string prompt)
    {
        context.Error.Write(prompt);
        context.Error.Flush();
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        context.Error.WriteLine();
        return typed.ToString();
    }
}
