Console.WriteLine("workflow");
