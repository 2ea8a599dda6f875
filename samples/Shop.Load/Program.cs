using Shop.Load;

return await LoadProgram.RunAsync(args, Console.Out, Console.Error);
